import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { runProgram } from '../../../lib/process.ts'
import { UserError } from '../../../lib/user-error.ts'
import type { Profile } from '../../../monitoring/profiles.ts'
import { cacheFolder } from '../../../tools/options.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { MONITORING_NAMESPACE as NAMESPACE } from '../cluster/names.ts'
import { releaseOf, untilRolledOut, workloadsOf } from '../cluster/workloads.ts'
import { CHARTS, ensureChart, type Release, requireHelm } from './charts.ts'

const ROOT = join(import.meta.dir, '../../..')
const RELEASES = Object.keys(CHARTS) as Release[]
const DASHBOARDS = join(ROOT, 'helm/generated/dashboards')
const ADMIN = 'grafana-admin'
const RECEIVER = 'alert-receiver'
/** On everything in the namespace that no chart made. */
const OURS = { 'app.kubernetes.io/part-of': 'tipping-point' }
const PART_OF = 'app.kubernetes.io/part-of=tipping-point'

export interface MonitoringOptions {
  readonly profile: Profile
  /** Whether Grafana is installed too. */
  readonly grafana: boolean
  /** Only these releases. Default: all of them. */
  readonly only?: readonly Release[]
  readonly say: (line: string) => void
  readonly signal?: AbortSignal
}

/** The files of values of a release: by hand, then generated. */
export const valuesOf = (release: Release, { name }: Profile): string[] =>
  [`${release}.yaml`, `generated/${release === 'prometheus' ? `${release}.${name}` : release}.yaml`]
    .map(file => join(ROOT, 'helm', file))
    .filter(file => existsSync(file))

/**
 * Installs what watches, or brings it up to date, and waits until it is ready. What cannot be had leaves the rest working;
 * in the end a {@link UserError} lists it.
 */
export async function installMonitoring(cluster: Cluster, options: MonitoringOptions): Promise<void> {
  const { profile, say, signal } = options
  const run = { ...(signal && { signal }) }
  const releases = RELEASES.filter(release => options.only?.includes(release) ?? true).filter(
    release => options.grafana || release !== 'grafana',
  )
  requireHelm()
  await cluster.kubectl(['apply', '-k', join(ROOT, 'k8s/monitoring')], run)
  if (releases.includes('grafana')) {
    await ensureAdmin(cluster, signal)
    await applyDashboards(cluster, signal)
  }

  const failed: string[] = []
  for (const release of releases) {
    try {
      const chart = await ensureChart(CHARTS[release], { cache: cacheFolder(process.env), ...options })
      say(`installing ${release} (${basename(chart, '.tgz')})`)
      const values = valuesOf(release, profile).flatMap(file => ['--values', file])
      const keep = ['--history-max', '3'] // each revision is a Secret
      await helm(cluster, ['upgrade', '--install', release, chart, ...values, ...keep], signal)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      failed.push(`${release}: ${error.message}`)
    }
  }

  const installed = (release: string | undefined) =>
    release === undefined || !RELEASES.includes(release as Release) || releases.includes(release as Release)
  failed.push(
    ...(await untilRolledOut(cluster, NAMESPACE, workload => installed(releaseOf(workload)), { say, signal })),
  )
  if (failed.length === 0) return
  const without = failed.some(line => /grafana/.test(line))
    ? ['to go on without Grafana: GRAFANA=off, or tilt up -- --without-grafana']
    : []
  throw new UserError(['not everything that watches is up:', ...failed, ...without].join('\n  '))
}

/** Uninstalls it; what it removed, a line a thing. Nothing to remove is no error. */
export async function uninstallMonitoring(cluster: Cluster, say: (line: string) => void): Promise<string[]> {
  if ((await cluster.get('namespace', NAMESPACE)) === undefined) return []
  // Helm keeps each revision in a Secret, of those that did not come up too
  const kept = await cluster.get<{ items: { metadata: { labels: { name: string } } }[] }>(
    'secrets',
    '--namespace',
    NAMESPACE,
    '--selector=owner=helm',
  )
  const releases = RELEASES.filter(release => kept?.items.some(({ metadata }) => metadata.labels.name === release))
  if (releases.length > 0) requireHelm()
  for (const release of releases) {
    say(`uninstalling ${release}`)
    await helm(cluster, ['uninstall', release, '--ignore-not-found'])
  }
  const removed = releases.map(release => `${release}: uninstalled`)

  // the namespace may have been there before, with somebody else's things in it
  const ours: string[] = [...RELEASES, RECEIVER]
  const others = (await workloadsOf(cluster, NAMESPACE))
    .filter(workload => !ours.includes(releaseOf(workload) ?? workload.metadata.name))
    .map(({ metadata }) => metadata.name)
  if (others.length > 0) {
    const objects = ['deployment,service,configmap,secret', '-l', PART_OF]
    await cluster.kubectl(['-n', NAMESPACE, 'delete', ...objects])
    return [...removed, `${NAMESPACE}: kept, because ${others.join(', ')} is in it; deleted what was ours`]
  }
  say(`deleting the namespace ${NAMESPACE}`)
  await cluster.kubectl(['delete', 'namespace', NAMESPACE, '--timeout=120s'])
  return [...removed, `${NAMESPACE}: deleted, with the dashboards, what was measured and Grafana's password`]
}

/** The password of Grafana's user `admin`; undefined where there is none. */
export async function grafanaPassword(cluster: Cluster): Promise<string | undefined> {
  const secret = await cluster.get<{ data: Record<string, string> }>('secret', ADMIN, '-n', NAMESPACE)
  const encoded = secret?.data['admin-password']
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString()
}

/** Makes Grafana's first user, once: a password that somebody knows stays as it is. It is never on a command line. */
async function ensureAdmin(cluster: Cluster, signal?: AbortSignal): Promise<void> {
  if ((await cluster.get('secret', ADMIN, '-n', NAMESPACE)) !== undefined) return
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: ADMIN, namespace: NAMESPACE, labels: OURS },
    stringData: { 'admin-user': 'admin', 'admin-password': randomBytes(24).toString('base64url') },
  }
  await cluster.kubectl(['create', '-f', '-'], { stdin: JSON.stringify(secret), ...(signal && { signal }) })
}

/** Hands the dashboards to Grafana's sidecar. Server-side: a client's apply would keep a copy in an annotation, which is too small. */
async function applyDashboards(cluster: Cluster, signal?: AbortSignal): Promise<void> {
  const command = ['apply', '--server-side', '--force-conflicts', '--field-manager=tipping-point']
  await cluster.kubectl([...command, '-k', DASHBOARDS], { ...(signal && { signal }) })
}

const helm = ({ context }: Cluster, args: readonly string[], signal?: AbortSignal) =>
  runProgram(['helm', '--kube-context', context, '--namespace', NAMESPACE, ...args], { ...(signal && { signal }) })
