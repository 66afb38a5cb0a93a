/** Mutants that no test can kill, by `rule: change`, each with the reason. One that is killed after all is an error, too. */
export const SURVIVORS: Readonly<Record<string, string>> = {
  'NodeStorageFillingUp: matcher job="node-exporter" dropped':
    'what is foretold is matched by job with what is recorded, which is of this job alone',
  'job:http_requests_failed:rate5m: matcher job="tipping-point" dropped':
    'the ratio, which alone an alert reads, is matched by job with the recorded requests, which are of this job alone',
}
