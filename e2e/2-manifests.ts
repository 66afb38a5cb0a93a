import { afterAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { SERVICE_CONFIG } from '../chosen-service.ts'
import { poll } from '../lib/poll.ts'
import { collect } from '../lib/process.ts'
import { devDependencies } from '../package.json'
import { NAMESPACE } from '../platforms/kubernetes/cluster/names.ts'
import { servicePods } from '../platforms/kubernetes/cluster/workloads.ts'
import { rename, repositoryCopy } from '../test/renamed.ts'
import { api, cluster, leaveOut, makeTarget, ROOT, say } from './support.ts'

const { name: NAME, ports, probe } = SERVICE_CONFIG

/** Namespace of a pod that the service's NetworkPolicy does not know. */
const STRANGERS = `${NAME}-strangers`
/** Name, and so the namespace, of a renamed copy. Joined here, because a name must not be a word of the repository. */
const RENAMED = ['acme', 'parcels'].join('-')
afterAll(async () => {
  await cluster.kubectl(['delete', 'namespace', STRANGERS, RENAMED, '--ignore-not-found', '--wait=false'])
}, 30_000)

/** Runs kubectl and returns its exit code and output, also when it fails. */
const kubectl = (args: readonly string[], stdin?: string) =>
  collect(['kubectl', `--context=${cluster.context}`, ...args], { stdin })

test('make deploy starts one pod from the release image', async () => {
  const said = await makeTarget('deploy', { CHARTS: 'off' })
  say(said.split('\n').find(line => line.includes('applying')) ?? '')
  const pods = await servicePods(api)
  expect(pods).toHaveLength(1)
  expect(pods[0]?.status.containerStatuses?.[0]?.restartCount).toBe(0)
}, 600_000)

describe('a server-side dry run', () => {
  test.each(['dev', 'local'])('of the overlay %s is accepted', async overlay => {
    const { code, err, out } = await kubectl(['apply', '--dry-run=server', '-k', join(ROOT, 'k8s/overlays', overlay)])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(new RegExp(`deployment\\.apps/${NAME} configured|unchanged`))
  })

  test('of a renamed copy is accepted', async () => {
    const folder = await repositoryCopy()
    expect(await rename(folder, { NAME: RENAMED })).toMatchObject({ code: 0 })
    // The server refuses even a dry run in a namespace that does not exist.
    await cluster.kubectl(['apply', '-f', join(folder, 'k8s/base/namespace.yaml')])
    const overlay = join(folder, 'k8s/overlays/gke') // no node port, which the service itself has
    const { code, err, out } = await kubectl(['apply', '--dry-run=server', '--validate=strict', '-k', overlay])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`deployment.apps/${RENAMED} created`)
  }, 60_000)

  const restricted = {
    runAsNonRoot: true,
    runAsUser: 65_532,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  }
  const createPod = (securityContext: object) => {
    const metadata = { name: 'intruder', namespace: NAMESPACE }
    const spec = { containers: [{ name: 'intruder', image: 'intruder', securityContext }] }
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec }
    return kubectl(['create', '--dry-run=server', '-f', '-'], JSON.stringify(pod))
  }

  test.each([
    ['runs as root', { runAsNonRoot: false, runAsUser: 0 }],
    ['allows privilege escalation', { allowPrivilegeEscalation: true }],
    ['keeps capabilities', { capabilities: {} }],
    ['has no seccomp profile', { seccompProfile: { type: 'Unconfined' } }],
  ])('of a pod that %s is refused', async (_, violation) => {
    const { code, err } = await createPod({ ...restricted, ...violation })
    expect(code).toBe(1)
    expect(err).toContain('violates PodSecurity "restricted')
  })

  test('of a pod with none of these violations is accepted', async () => {
    expect((await createPod(restricted)).code).toBe(0)
  })
})

/** A pod that asks for two URLs ten times, every two seconds, and logs the two statuses; "nothing" where there is no answer. */
const stranger = (urls: readonly [string, string]) => {
  const script = `
    const ask = async url => { try { return (await fetch(url, { signal: AbortSignal.timeout(3000) })).status } catch { return 'nothing' } }
    for (let i = 0; i < 10; i++) {
      console.log(await ask('${urls[0]}'), await ask('${urls[1]}'))
      await Bun.sleep(2000)
    }`
  const image = { image: `oven/bun:${devDependencies.bun}-slim`, imagePullPolicy: 'IfNotPresent' }
  const spec = { restartPolicy: 'Never', containers: [{ name: 'stranger', ...image, args: ['-e', script] }] }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'stranger' }, spec }
}

test('a pod of another namespace reaches the API, but not the metrics', async () => {
  const [pod] = await servicePods(api)
  const { podIP } = (pod as unknown as { status: { podIP: string } }).status
  const asker = stranger([`http://${podIP}:${ports.api}${probe.path}`, `http://${podIP}:${ports.metrics}/metrics`])
  await cluster.kubectl(['create', 'namespace', STRANGERS])
  await cluster.kubectl(['-n', STRANGERS, 'create', '-f', '-'], { stdin: JSON.stringify(asker) })
  const answers = async () => (await kubectl(['-n', STRANGERS, 'logs', 'stranger'])).out.trim().split('\n')
  await poll(async () => (await answers()).length >= 10, { timeoutSeconds: 90, intervalSeconds: 1 })
  // The last answers count: a network plugin may need seconds to learn of a new pod.
  const last = (await answers()).at(-1)
  say(`last answers from the API and the metrics to a pod of another namespace: ${last}`)
  expect(last).toStartWith('200 ')
  if (last === '200 nothing') return
  leaveOut(
    'that other namespaces do not reach the metrics',
    'the network plugin of this cluster enforces no NetworkPolicy',
  )
  expect(last).toBe('200 200')
}, 120_000)
