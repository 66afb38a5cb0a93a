import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { SERVICE_CONFIG } from '../../chosen-service.ts'
import { poll } from '../../lib/poll.ts'
import { runProgram } from '../../lib/process.ts'
import { UserError } from '../../lib/user-error.ts'
import { type Cluster, openCluster } from '../../platforms/kubernetes/cluster/cluster.ts'
import { MONITORING_NAMESPACE, NAMESPACE } from '../../platforms/kubernetes/cluster/names.ts'
import { isSettled, type Pod } from '../../platforms/kubernetes/cluster/workloads.ts'
import { CHARTS, ensureChart } from '../../platforms/kubernetes/monitoring/helm-charts.ts'

import type { CommandLine } from '../command.ts'
import { announce, runTests } from '../test-tier.ts'

const FILES = [
  '1-dev-loop',
  '2-manifests',
  '3-overload',
  '4-rollouts',
  '5-monitoring',
  '6-google',
  '7-documents',
  '8-tutorial',
]
/** Seconds for an image to be pulled. */
const PULL_TIMEOUT = 120

export const command: CommandLine = {
  summary: 'Run the tests of e2e/ on the cluster that kubectl points at: dev loop, drills, rollouts (22 minutes)',
  details: `Neither the service nor the monitoring may be deployed there. docker, kubectl, tilt, helm, jq and openssl must be on PATH,
and the cluster must have metrics-server and NodePorts on 127.0.0.1. What needs a chart or an image that cannot be pulled is left
out; the last line lists what was left out. Everything that was deployed is removed at the end.`,
  run: (_, signal) => e2e(signal),
}

async function e2e(signal: AbortSignal): Promise<number> {
  announce('e2e', 22)
  const missing = ['docker', 'kubectl', 'tilt', 'helm', 'jq', 'openssl'].filter(program => Bun.which(program) === null)
  if (missing.length > 0) throw new UserError(`e2e needs ${missing.join(' and ')} on PATH`)
  const cluster = await openCluster(process.env)
  console.log(`acting on the context ${cluster.context}`)
  for (const namespace of [NAMESPACE, MONITORING_NAMESPACE])
    if ((await cluster.get('namespace', namespace)) !== undefined)
      throw new UserError(`the namespace ${namespace} is there already: make undeploy, then try again`)

  const folder = resolve(process.env.REPORTS || 'reports', 'e2e')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const charts = await chartsAreThere(signal)
  const grafana = charts && (await imageIsThere(cluster, await grafanaImage(), signal))
  const env = { E2E_FOLDER: folder, E2E_CHARTS: charts ? 'on' : 'off', E2E_GRAFANA: grafana ? 'on' : 'off' }
  const files = FILES.map(file => `./e2e/${file}.ts`)
  const code = await runTests(files, signal, { ...env, PLATFORM: 'kubernetes' })
  if (code !== 0 || signal.aborted) await takeDown()
  signal.throwIfAborted()

  const file = join(folder, 'left-out')
  const leftOut = existsSync(file) ? [...new Set(readFileSync(file, 'utf8').trim().split('\n'))] : []
  console.log(`\nleft out: ${leftOut.join('; ') || 'nothing'}\nreports: ${folder}`)
  return code
}

async function takeDown(): Promise<void> {
  console.log('taking down what was brought up: make undeploy')
  const env = { ...process.env, MAKEFLAGS: '' } // the variables of make e2e are not those of make undeploy
  await Bun.spawn(['make', '--silent', 'undeploy'], { env, stdout: 'inherit', stderr: 'inherit' }).exited
}

/** Whether every chart is in the cache or can be pulled. */
async function chartsAreThere(signal: AbortSignal): Promise<boolean> {
  const say = (line: string) => console.log(line)
  try {
    for (const chart of Object.values(CHARTS)) await ensureChart(chart, { say, signal })
    return true
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    console.warn(error.message)
    return false
  }
}

/** The image of the pinned chart, by its application's version. */
async function grafanaImage(): Promise<string> {
  const chart = await ensureChart(CHARTS.grafana, { say: () => {} })
  const version = /^appVersion: "?([\w.-]+)/m.exec(await runProgram(['helm', 'show', 'chart', chart]))?.[1]
  return `docker.io/grafana/grafana:${version}`
}

/** Whether the cluster can run an image: asked of a pod that does nothing. */
async function imageIsThere(cluster: Cluster, image: string, signal: AbortSignal): Promise<boolean> {
  const run = (...args: string[]) => cluster.kubectl(['-n', 'default', ...args], { signal })
  const name = `${SERVICE_CONFIG.name}-image`
  await run('delete', 'pod', name, '--ignore-not-found', '--grace-period=0', '--force')
  const options = ['--restart=Never', '--image-pull-policy=IfNotPresent', '--command', '--', 'true']
  await run('run', name, `--image=${image}`, ...options)
  try {
    const settledPod = async () => {
      const pod = await cluster.get<Pod>('-n', 'default', 'pod', name)
      return pod !== undefined && isSettled(pod) && pod
    }
    const pod = await poll(settledPod, { timeoutSeconds: PULL_TIMEOUT, intervalSeconds: 0.5, signal })
    return pod !== undefined && pod.status.phase !== 'Pending'
  } finally {
    await run('delete', 'pod', name, '--ignore-not-found', '--wait=false')
  }
}
