/** Mutants that no test can kill, by `rule: change`, each with the reason. If one is killed, the mutation run fails. */
export const SURVIVORS: Readonly<Record<string, string>> = {
  'NodeStorageFillingUp: matcher job="node-exporter" dropped':
    'the prediction is joined by job with a recorded series that has this job only',
  'job:http_requests_failed:rate5m: matcher job="tipping-point" dropped':
    'alerts read only the ratio, which is joined by job with recorded requests that have this job only',
}
