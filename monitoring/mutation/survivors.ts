import { SERVICE_CONFIG } from '../../chosen-service.ts'

const NAME = SERVICE_CONFIG.name

/** Mutants that no test can kill, by `rule: change`, each with the reason. If one is killed, the mutation run fails. */
export const SURVIVORS: Readonly<Record<string, string>> = {
  [`HighErrorRatio: matcher job="${NAME}" dropped`]:
    'the number of failed requests is joined by job with a recorded series that has this job only',
  [`HighLatency: matcher job="${NAME}" dropped`]:
    'the number of slow requests is joined by job with a recorded series that has this job only',
  'instance:node_load1_per_cpu:ratio: matcher mode="idle" dropped':
    'each CPU is counted once, whatever its modes; the matcher only makes the rule read fewer series',
  'NodeStorageFillingUp: matcher job="node-exporter" dropped':
    'the prediction is joined by job with a recorded series that has this job only',
  [`job:http_request_duration_seconds:p95_rate5m: matcher job="${NAME}" dropped`]:
    'HighLatency joins the percentile by job with the number of slow requests, which has this job only',
  [`job:http_requests_failed:rate5m: matcher job="${NAME}" dropped`]:
    'alerts read only the ratio, which is joined by job with recorded requests that have this job only',
}
