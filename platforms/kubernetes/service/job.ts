import { readdirSync, readFileSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { startPiped } from '../../../lib/process.ts'
import { UserError } from '../../../lib/user-error.ts'
import { PROGRAMS } from '../../../tools/programs.ts'
import { K6_ENV, VERDICTS } from '../../k6.ts'
import { type LoadEnd, type LoadRun, SCENARIO_VARIABLES } from '../../platform.ts'
import type { ApiServer } from '../cluster/api.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { core, MONITORING_NAMESPACE, NAMESPACE, POD_ADDRESSES } from '../cluster/names.ts'
import { type Pod, trouble } from '../cluster/pods.ts'

const NAME = 'loadtest'
const ROOT = join(import.meta.dir, '../../..')
/** Seconds for the Job's pod to start: k6's image may have to be pulled first. */
const START_TIMEOUT = 180
/** Seconds after which Kubernetes ends it, whatever happens to whoever asked for it: longer than any scenario by itself. */
const LONGEST = 7200

/** The scenarios and what they import, by their path in the repository. */
const files = () => [
  ...readdirSync(join(ROOT, 'loadtest'))
    .filter(name => name.endsWith('.ts') && !/\.(test|prove)\.ts$/.test(name))
    .map(name => `loadtest/${name}`),
  'src/telemetry/catalogue.ts',
]
const keyOf = (path: string) => path.replaceAll('/', '_')

/** The Job and the files it mounts. It asks the pods by their own addresses, which DNS tells it anew each second. */
export function jobManifest(run: LoadRun, monitoring: boolean): object {
  const variables = {
    ...Object.fromEntries(SCENARIO_VARIABLES.map(name => [name, process.env[name]])),
    ...run.variables,
    ...K6_ENV,
    TARGET: `http://${POD_ADDRESSES}.${NAMESPACE}.svc.cluster.local:3000`,
    K6_PROMETHEUS_RW_SERVER_URL: `http://prometheus-server.${MONITORING_NAMESPACE}.svc.cluster.local/api/v1/write`,
    ...(run.variables.SUMMARY && { SUMMARY: '-' }), // it comes with the log
  }
  const labels = { 'app.kubernetes.io/name': NAME, 'app.kubernetes.io/part-of': 'tipping-point' }
  const metadata = { name: NAME, namespace: NAMESPACE, labels }
  const container = {
    name: 'k6',
    image: `grafana/k6:${PROGRAMS.k6.release.version}`,
    args: [
      'run',
      '--quiet',
      ...(monitoring ? ['--out', 'experimental-prometheus-rw'] : []),
      `/scripts/loadtest/${run.scenario}.ts`,
    ],
    env: Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }])),
    resources: { requests: { cpu: '100m', memory: '256Mi' } }, // no limit: a generator that is held back measures itself
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [{ name: 'scripts', mountPath: '/scripts' }],
  }
  const spec = {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, runAsUser: 12345, seccompProfile: { type: 'RuntimeDefault' } }, // k6's own user
    containers: [container],
    volumes: [{ name: 'scripts', configMap: { name: NAME, items: files().map(path => ({ key: keyOf(path), path })) } }],
  }
  const scripts = Object.fromEntries(files().map(path => [keyOf(path), readFileSync(join(ROOT, path), 'utf8')]))
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: scripts },
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata,
        spec: { backoffLimit: 0, activeDeadlineSeconds: LONGEST, template: { metadata: { labels }, spec } },
      },
    ],
  }
}

/** Runs a scenario as a Job in the cluster, and shows what it prints; the Job is removed at its end. */
export async function runJob(cluster: Cluster, api: ApiServer, run: LoadRun, monitoring: boolean): Promise<LoadEnd> {
  const objects = [`job/${NAME}`, `configmap/${NAME}`]
  // waits for its pod to be gone too: the next run would take it for its own
  const clear = () =>
    cluster.kubectl(['-n', NAMESPACE, 'delete', ...objects, '--ignore-not-found', '--cascade=foreground'])
  await clear()
  try {
    await cluster.kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(jobManifest(run, monitoring)) })
    await untilStarted(api, run.signal)
    const said = await follow(cluster, run)
    const code = await exitCode(api)
    const summary = /^summary (\{.*\})$/m.exec(said)?.[1]
    if (run.variables.SUMMARY && summary !== undefined) await Bun.write(run.variables.SUMMARY, `${summary}\n`)
    if (run.log !== undefined && !VERDICTS.includes(code))
      throw new UserError(`k6 ended with ${code}; its output is in ${run.log}`)
    return { code }
  } finally {
    await clear()
  }
}

const podOf = async (api: ApiServer): Promise<Pod | undefined> => {
  const list = await api.get<{ items: Pod[] }>(`${core(NAMESPACE, 'pods')}?labelSelector=job-name%3D${NAME}`)
  return list?.items[0]
}

async function untilStarted(api: ApiServer, signal?: AbortSignal): Promise<void> {
  for (const end = Date.now() + START_TIMEOUT * 1000; ; await wait(500)) {
    signal?.throwIfAborted()
    const pod = await podOf(api)
    if (pod !== undefined && pod.status.phase !== 'Pending') return
    const why = pod && trouble(pod)
    if (Date.now() > end || /ErrImage|ImagePull/.test(why ?? ''))
      throw new UserError(`k6 does not start in the cluster${why ? `: ${why}` : ''}`)
  }
}

/** Shows the log of the Job to its end, or keeps it in the file that is asked for; all of it. */
async function follow(cluster: Cluster, { log, signal }: LoadRun): Promise<string> {
  signal?.throwIfAborted()
  const child = startPiped(['kubectl', `--context=${cluster.context}`, '-n', NAMESPACE, 'logs', '-f', `job/${NAME}`])
  const kill = () => child.kill()
  signal?.addEventListener('abort', kill)
  let said = ''
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += chunk
    if (log === undefined) process.stdout.write(chunk)
    else await appendFile(log, chunk)
  }
  signal?.removeEventListener('abort', kill)
  signal?.throwIfAborted()
  return said
}

/** k6's own exit code. */
async function exitCode(api: ApiServer): Promise<number> {
  for (let tries = 0; tries < 40; tries++, await wait(250)) {
    const pod = await podOf(api)
    const [status] = pod?.status.containerStatuses ?? []
    const ended = status?.state.terminated
    if (ended !== undefined) return ended.exitCode
  }
  throw new UserError('k6 has not ended in the cluster, or its pod is gone')
}
