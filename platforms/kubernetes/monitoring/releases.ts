import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { runProgram } from '../../../lib/process.ts'
import { UserError } from '../../../lib/user-error.ts'
import type { Profile } from '../../../monitoring/profiles.ts'
import type { ActionOptions, Cluster } from '../cluster/cluster.ts'
import { MONITORING_NAMESPACE as NAMESPACE } from '../cluster/names.ts'
import { requirePrograms } from '../cluster/required-programs.ts'
import { monitoringWorkloads, releaseOf, type Workload } from '../cluster/workloads.ts'
import type { ClusterSettings } from '../cluster-settings.ts'
import { CHARTS, ensureChart, type HelmRelease } from './helm-charts.ts'
import { type ReleaseFailure, untilRolledOut } from './rollout.ts'

const ROOT = join(import.meta.dir, '../../..')
const RELEASES = Object.keys(CHARTS) as HelmRelease[]
/** The Secret with the password of Grafana's user `admin`. */
const ADMIN = 'grafana-admin'

export interface MonitoringOptions extends ActionOptions {
  readonly profile: Profile
  /** Folder of k8s/overlays with which the service is deployed. */
  readonly overlay: ClusterSettings['overlay']
  /** Whether Grafana is installed too. */
  readonly grafana: boolean
  /** The releases to install. Default: all. */
  readonly only?: readonly HelmRelease[]
}

/** The values files of a release: first the hand-written file, then those generated, for all profiles or for one; then an overlay's. */
export const valuesOf = (release: HelmRelease, { name }: Profile, overlay: ClusterSettings['overlay']): string[] =>
  [`${release}.yaml`, `generated/${release}.yaml`, `generated/${release}.${name}.yaml`, `${release}.${overlay}.yaml`]
    .map(file => join(ROOT, 'helm', file))
    .filter(file => existsSync(file))

/**
 * Installs or updates the monitoring and waits until it is ready. A release that cannot be installed does not stop the
 * others; the {@link UserError} at the end lists what is missing.
 */
export async function installMonitoring(cluster: Cluster, options: MonitoringOptions): Promise<void> {
  const { grafana, only = RELEASES, say, signal } = options
  const releases = RELEASES.filter(release => only.includes(release) && (grafana || release !== 'grafana'))
  requirePrograms(['helm'])
  await cluster.kubectl(['apply', '-k', join(ROOT, 'k8s/monitoring')], { signal })
  if (releases.includes('grafana')) {
    await ensureAdmin(cluster, signal)
    // Server-side: a client-side apply would exceed the size limit of annotations.
    const apply = ['apply', '--server-side', '--force-conflicts', `--field-manager=${SERVICE_CONFIG.name}`]
    await cluster.kubectl([...apply, '-k', join(ROOT, 'helm/generated/dashboards')], { signal })
  }

  const failures: ReleaseFailure[] = []
  for (const release of releases) {
    try {
      await installRelease(cluster, release, options)
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      failures.push({ release, reason: `${release}: ${error.message}` })
    }
  }
  const others = RELEASES.filter(release => !releases.includes(release))
  const isOurs = (workload: Workload) => !others.some(release => release === releaseOf(workload))
  failures.push(...(await untilRolledOut(cluster, isOurs, { say, signal })))
  if (failures.length === 0) return
  const lines = failures.map(({ reason }) => reason)
  if (failures.some(({ release }) => release === 'grafana'))
    lines.push('to go on without Grafana: GRAFANA=off, or tilt up -- --without-grafana')
  throw new UserError(['the monitoring is not complete:', ...lines].join('\n  '))
}

async function installRelease(cluster: Cluster, release: HelmRelease, options: MonitoringOptions): Promise<void> {
  const { profile, overlay, say, signal } = options
  const chart = await ensureChart(CHARTS[release], { say, signal })
  say(`installing ${release} (${basename(chart, '.tgz')})`)
  const values = valuesOf(release, profile, overlay).flatMap(file => ['--values', file])
  // Helm keeps each revision in a Secret.
  await helm(cluster, ['upgrade', '--install', release, chart, ...values, '--history-max', '3'], signal)
}

/** Uninstalls the monitoring. Returns a line for each thing that it removed; none when there was nothing to remove. */
export async function uninstallMonitoring(cluster: Cluster, say: (line: string) => void): Promise<string[]> {
  if ((await cluster.get('namespace', NAMESPACE)) === undefined) return []
  const releases = await installedReleases(cluster)
  if (releases.length > 0) requirePrograms(['helm'])
  for (const release of releases) {
    say(`uninstalling ${release}`)
    await helm(cluster, ['uninstall', release, '--ignore-not-found'])
  }
  return [...releases.map(release => `${release}: uninstalled`), await emptyNamespace(cluster, say)]
}

/** The releases of which Helm keeps a revision, in a Secret; also those that failed to install. */
async function installedReleases(cluster: Cluster): Promise<HelmRelease[]> {
  const secrets = await cluster.get<{ items: { metadata: { labels: { name: string } } }[] }>(
    ...['secrets', '--namespace', NAMESPACE, '--selector=owner=helm'],
  )
  return RELEASES.filter(release => secrets?.items.some(({ metadata }) => metadata.labels.name === release))
}

/** Deletes the namespace or, when others have workloads in it, only this project's objects. Returns what it did. */
async function emptyNamespace(cluster: Cluster, say: (line: string) => void): Promise<string> {
  const ours: string[] = [...RELEASES, 'alert-receiver']
  const others = (await monitoringWorkloads(cluster))
    .filter(workload => !ours.includes(releaseOf(workload) ?? workload.metadata.name))
    .map(({ metadata }) => metadata.name)
  if (others.length > 0) {
    const label = `app.kubernetes.io/part-of=${SERVICE_CONFIG.name}` // of every object in the namespace that no chart creates
    await cluster.kubectl(['-n', NAMESPACE, 'delete', 'deployment,service,configmap,secret', '-l', label])
    return `${NAMESPACE}: kept, because it also contains ${others.join(', ')}; this project's objects were deleted`
  }
  say(`deleting the namespace ${NAMESPACE}`)
  await cluster.kubectl(['delete', 'namespace', NAMESPACE, '--timeout=120s'])
  return `${NAMESPACE}: deleted, with the dashboards, Prometheus' data and Grafana's password`
}

/** The password of Grafana's user `admin`; undefined when Grafana is not installed. */
export async function grafanaPassword(cluster: Cluster): Promise<string | undefined> {
  const secret = await cluster.get<{ data: Record<string, string> }>('secret', ADMIN, '-n', NAMESPACE)
  const encoded = secret?.data['admin-password']
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString()
}

/** Creates the Secret with Grafana's password unless it exists. The password is on no command line. */
async function ensureAdmin(cluster: Cluster, signal: AbortSignal | undefined): Promise<void> {
  if ((await cluster.get('secret', ADMIN, '-n', NAMESPACE)) !== undefined) return
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: ADMIN, namespace: NAMESPACE, labels: { 'app.kubernetes.io/part-of': SERVICE_CONFIG.name } },
    stringData: { 'admin-user': 'admin', 'admin-password': randomBytes(24).toString('base64url') },
  }
  await cluster.kubectl(['create', '-f', '-'], { stdin: JSON.stringify(secret), signal })
}

const helm = ({ context }: Cluster, args: readonly string[], signal?: AbortSignal) =>
  runProgram(['helm', '--kube-context', context, '--namespace', NAMESPACE, ...args], { signal })
