import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { poll } from '../../../lib/poll.ts'
import { UserError } from '../../../lib/user-error.ts'
import { SCENARIO_VARIABLES, SCENARIOS } from '../../../loadtest/scenarios.ts'
import { PROGRAMS } from '../../../tools/programs.ts'
import { K6_ENV, startK6, VERDICTS } from '../../k6.ts'
import type { LoadEnd, LoadRun } from '../../platform.ts'
import type { ApiServer } from '../cluster/api-server.ts'
import { type Cluster, kubectlCommand } from '../cluster/cluster.ts'
import { core, MONITORING_NAMESPACE, NAMESPACE, POD_ADDRESSES } from '../cluster/names.ts'
import { isSettled, type Pod, whyNotRunning } from '../cluster/workloads.ts'

/** Name of the Job and of the ConfigMap with its files. */
const NAME = 'loadtest'
const JOB_PODS = `${core(NAMESPACE, 'pods')}?labelSelector=job-name%3D${NAME}`
const ROOT = join(import.meta.dir, '../../..')

/** Seconds for the Job's pod to start; k6's image may have to be pulled first. */
const START_TIMEOUT_SECONDS = 180

/** The fields of k8s/loadtest/job.yaml that {@link jobManifest} sets or reads. */
interface JobTemplate {
  readonly metadata: object
  readonly spec: { readonly template: { readonly spec: { containers: [object]; volumes: [{ configMap: object }] } } }
}

/** Paths in the repository of the scenarios and of the files that they import. */
const files = () => [
  ...[...SCENARIOS, 'shared'].map(name => `loadtest/${name}.ts`),
  'chosen-service.ts',
  'lib/read-variable.ts',
  'lib/user-error.ts',
  'service.config.ts',
  'src/telemetry/catalogue.ts',
]

/** The key of a file in the ConfigMap, which must not have slashes. */
const keyOf = (path: string) => path.replaceAll('/', '_')

/** The Job that runs a scenario, and its ConfigMap. k6 resolves the addresses of the pods every second. */
export function jobManifest(run: LoadRun, monitoring: boolean): object {
  const job = Bun.YAML.parse(readFileSync(join(ROOT, 'k8s/loadtest/job.yaml'), 'utf8')) as JobTemplate
  const variables = {
    ...Object.fromEntries(SCENARIO_VARIABLES.map(name => [name, process.env[name]])),
    ...run.variables,
    ...K6_ENV,
    TARGET: `http://${POD_ADDRESSES}.${NAMESPACE}.svc.cluster.local:${SERVICE_CONFIG.ports.api}`,
    K6_PROMETHEUS_RW_SERVER_URL: `http://prometheus-server.${MONITORING_NAMESPACE}.svc.cluster.local/api/v1/write`,
    ...(run.variables.SUMMARY && { SUMMARY: '-' }), // to the log, from which runJob() takes the summary
  }
  const output = monitoring ? ['--out', 'experimental-prometheus-rw'] : []
  const { containers, volumes } = job.spec.template.spec
  Object.assign(containers[0], {
    image: `grafana/k6:${PROGRAMS.k6.release.version}`,
    args: ['run', '--quiet', ...output, `/scripts/loadtest/${run.scenario}.ts`],
    env: Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }])),
  })
  Object.assign(volumes[0].configMap, { items: files().map(path => ({ key: keyOf(path), path })) })
  const data = Object.fromEntries(files().map(path => [keyOf(path), readFileSync(join(ROOT, path), 'utf8')]))
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: job.metadata, data }
  return { apiVersion: 'v1', kind: 'List', items: [map, job] }
}

/**
 * Runs a scenario as a Job in the cluster; its output goes to `run.log`, else to this process's own output. Deletes the
 * Job at the end. Throws a {@link UserError} when k6 does not start, or ends without a verdict and with a log.
 */
export async function runJob(
  cluster: Cluster,
  apiServer: ApiServer,
  run: LoadRun,
  monitoring: boolean,
): Promise<LoadEnd> {
  const { log, signal, variables } = run
  const objects = [`job/${NAME}`, `configmap/${NAME}`]
  // Waits until the pod is gone too; the next run would take it for its own.
  const clear = () =>
    cluster.kubectl(['-n', NAMESPACE, 'delete', ...objects, '--ignore-not-found', '--cascade=foreground'])
  await clear()
  try {
    await cluster.kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(jobManifest(run, monitoring)) })
    await untilStarted(apiServer, signal)
    const follow = kubectlCommand(cluster, '-n', NAMESPACE, 'logs', '-f', `job/${NAME}`)
    await startK6(follow, log, { signal }).exited
    signal?.throwIfAborted()
    const code = await exitCode(apiServer)
    const summary = log && /^summary (\{.*\})$/m.exec(readFileSync(log, 'utf8'))?.[1]
    if (variables.SUMMARY && summary) await Bun.write(variables.SUMMARY, `${summary}\n`)
    if (log !== undefined && !VERDICTS.includes(code))
      throw new UserError(`k6 ended with ${code}; its output is in ${log}`)
    return { code }
  } finally {
    await clear()
  }
}

/** Waits for a Job's pod that `isFound` accepts; undefined when `timeoutSeconds` have passed. */
const findPod = (
  apiServer: ApiServer,
  isFound: (pod: Pod) => boolean,
  timeoutSeconds: number,
  signal?: AbortSignal,
): Promise<Pod | undefined> =>
  poll(async () => (await apiServer.get<{ items: Pod[] }>(JOB_PODS))?.items.find(isFound), { timeoutSeconds, signal })

/** Resolves when the Job's pod runs or has ended. Throws a {@link UserError} at once when an image cannot be pulled. */
async function untilStarted(apiServer: ApiServer, signal: AbortSignal | undefined): Promise<void> {
  const settled = await findPod(apiServer, isSettled, START_TIMEOUT_SECONDS, signal)
  const pod = settled ?? (await findPod(apiServer, () => true, 0))
  if (pod !== undefined && pod.status.phase !== 'Pending') return
  const reason = pod && whyNotRunning(pod)
  throw new UserError(
    `k6 did not start in the cluster: ${reason ?? `no pod runs after ${START_TIMEOUT_SECONDS} s`}; ` +
      `for details: kubectl -n ${NAMESPACE} describe job ${NAME}`,
  )
}

/** k6's exit code. The pod's status follows the end of its log with a delay. */
async function exitCode(apiServer: ApiServer): Promise<number> {
  const terminated = ({ status }: Pod) => status.containerStatuses?.[0]?.state?.terminated
  const pod = await findPod(apiServer, pod => terminated(pod) !== undefined, 10)
  const code = pod && terminated(pod)?.exitCode
  if (code !== undefined) return code
  throw new UserError("k6's exit code is unknown: its pod was deleted, or did not end with its log; run the load again")
}
