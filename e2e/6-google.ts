// The commands for Google Cloud on this cluster, with what is Google's replaced: gcloud, the registry, and the address of the
// load balancer, which here is that of the node.
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { poll } from '../lib/poll.ts'
import { contextOf, readGoogleSettings } from '../platforms/google/google-settings.ts'
import { openApiServer } from '../platforms/kubernetes/cluster/api-server.ts'
import { openCluster } from '../platforms/kubernetes/cluster/cluster.ts'
import { core, NAMESPACE, SERVICE } from '../platforms/kubernetes/cluster/names.ts'
import { servicePods } from '../platforms/kubernetes/cluster/workloads.ts'
import { kubernetesPlatform } from '../platforms/kubernetes/kubernetes.ts'
import { advertisedRegistry } from '../platforms/kubernetes/service/image.ts'
import { SERVICE_CONFIG } from '../service.config.ts'
import { googleProject } from '../test/google.ts'
import { programs } from '../test/kubectl.ts'
import { make, runMake } from '../test/make.ts'
import { CHARTS, env as common, GRAFANA, leaveOut, cluster as local, say } from './support.ts'

const PRODUCTION = process.env.E2E_PRODUCTION === '1'
/** Seconds after which an autoscaler would have undone a change: it acts every 15 s. */
const AUTOSCALER_SECONDS = 20

/** The fields of kubectl's configuration that are copied. */
interface KubectlConfig {
  readonly clusters: readonly { readonly name: string }[]
  readonly contexts: readonly { readonly name: string; readonly context: { readonly cluster: string } }[]
}

const place = { PROJECT: 'my-project-1', ZONE: 'europe-west1-b' }
const context = contextOf(readGoogleSettings(place))
const google = googleProject()

/** kubectl's configuration, and in it this cluster under the context that gcloud makes, which no rule takes for a local one. */
async function configuration(): Promise<string> {
  const { clusters, contexts, ...rest } = JSON.parse(
    await local.kubectl(['config', 'view', '--raw', '--flatten', '-o', 'json']),
  ) as KubectlConfig
  const here = contexts.find(({ name }) => name === local.context)?.context
  const server = clusters.find(({ name }) => name === here?.cluster)
  const file = join(mkdtempSync(join(tmpdir(), 'kubeconfig-')), 'config')
  const added = {
    ...rest,
    clusters: [...clusters, { ...server, name: context }],
    contexts: [...contexts, { name: context, context: { ...here, cluster: context } }],
  }
  await Bun.write(file, JSON.stringify(added))
  return file
}

interface Node {
  readonly status: { readonly addresses: readonly { type: string; address: string }[] }
}

const nodes = await local.get<{ items: Node[] }>('nodes')
const nodeAddress = nodes?.items[0]?.status.addresses.find(({ type }) => type === 'InternalIP')?.address
const REGISTRY = (await advertisedRegistry(local)).host
process.env.KUBECONFIG = await configuration() // also for the programs that this process starts
const env: NodeJS.Dict<string> = {
  ...common,
  ...place,
  REGISTRY,
  KUBECONFIG: process.env.KUBECONFIG,
  PATH: programs(google.scripts),
  SOURCE_RANGES: `${nodeAddress}/32`,
}
const cluster = await openCluster({ ...env, KUBE_CONTEXT: context })
const api = openApiServer(cluster)
const platform = kubernetesPlatform(cluster, env, say)

if (REGISTRY === undefined)
  leaveOut('the commands for Google Cloud', 'this cluster advertises no registry (https://kep.k8s.io/1755)')

/** Gives the Service the address of the node as soon as it exists, in place of Google's controller. */
function giveAddress(): () => void {
  const stop = new AbortController()
  const body = JSON.stringify({ status: { loadBalancer: { ingress: [{ ip: nodeAddress }] } } })
  const headers = { 'content-type': 'application/merge-patch+json' }
  const path = `${core(NAMESPACE, 'services')}/${SERVICE}/status`
  const give = async () => (await api.fetch(path, { method: 'PATCH', headers, body })).ok
  poll(give, { timeoutSeconds: 600, intervalSeconds: 1, signal: stop.signal }).catch(() => {})
  return () => stop.abort()
}

const bounds = async () => {
  const path = `/apis/autoscaling/v2/namespaces/${NAMESPACE}/horizontalpodautoscalers/${SERVICE}`
  const spec = (await api.get<{ spec: { minReplicas: number; maxReplicas: number } }>(path))?.spec
  return [spec?.minReplicas, spec?.maxReplicas]
}

describe.skipIf(REGISTRY === undefined)('on a cluster that is not local', () => {
  beforeAll(() => make('cloud-up', { env }), 60_000)
  afterAll(async () => {
    await runMake('undeploy', { env: { ...env, KUBE_CONTEXT: context } })
    api.close()
  }, 240_000)

  test('make cloud-deploy starts one replica, which its load balancer serves', async () => {
    const stop = giveAddress()
    const said = await make('cloud-deploy', { env: { ...env, CHARTS: 'off' } }).finally(stop)
    expect(said).toContain('applying k8s/overlays/gke-small')
    expect(await servicePods(api)).toHaveLength(1)
    expect(await make('cloud-links', { env })).toContain(`http://${nodeAddress}:80/swagger`)
    const answer = await fetch(`${await platform.api()}${SERVICE_CONFIG.probe.path}`)
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ n: 97, prime: true })])
  }, 600_000)

  test('an autoscaler lends its replicas, and gets its bounds back', async () => {
    await platform.autoscale(3)
    const giveBack = await platform.borrowReplicas()
    await platform.scale(2)
    await Bun.sleep(1000 * AUTOSCALER_SECONDS)
    expect(await servicePods(api)).toHaveLength(2) // without load, the autoscaler has no reason for two
    expect(await bounds()).toEqual([2, 2])
    await platform.scale(1)
    await giveBack()
    expect(await bounds()).toEqual([1, 3])
    await platform.autoscale(undefined)
  }, 180_000)

  test.skipIf(!PRODUCTION || !CHARTS)(
    'the overload drill passes in the profile production, with the autoscaler of the overlay gke',
    async () => {
      const production = { ...env, OVERLAY: 'gke', PROFILE: 'production', GRAFANA: GRAFANA ? 'on' : 'off' }
      await make('cloud-deploy', { env: production })
      expect(await bounds()).toEqual([2, 5])
      const { code, out, err } = await runMake('cloud-drill', { env: production })
      say(out)
      expect(out).toContain('the monitoring has the profile production')
      expect([code, err]).toEqual([0, expect.any(String)])
      expect(await bounds()).toEqual([2, 5])
    },
    1_800_000,
  )
  if (!PRODUCTION)
    leaveOut('the overload drill in the profile production', 'it takes 15 minutes; E2E_PRODUCTION=1 runs it')

  test('make cloud-down removes the Service before the cluster, and leaves nothing in the project', async () => {
    const said = await make('cloud-down', { env })
    expect(said).toContain('Nothing is left in my-project-1.')
    expect(await local.get('namespace', NAMESPACE)).toBeUndefined()
    expect(google.project().ours()).toEqual([])
  }, 240_000)
})
