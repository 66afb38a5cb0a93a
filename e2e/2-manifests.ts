import { afterAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { NAMESPACE } from '../platforms/kubernetes/cluster/names.ts'
import { servicePods } from '../platforms/kubernetes/cluster/pods.ts'
import { run } from '../test/process.ts'
import { api, cluster, leaveOut, make, ROOT, say } from './support.ts'

/** A namespace of strangers, to ask from. */
const STRANGERS = 'tipping-point-strangers'
afterAll(async () => {
  await cluster.kubectl(['delete', 'namespace', STRANGERS, '--ignore-not-found', '--wait=false'])
}, 30_000)

/** kubectl, to its end; what it said, whatever it thinks of it. */
const kubectl = async (args: readonly string[], stdin?: string) =>
  run(['kubectl', `--context=${cluster.context}`, ...args], stdin === undefined ? {} : { stdin: new Response(stdin) })

test('make deploy brings up one pod from the release image', async () => {
  const said = await make('deploy', { CHARTS: 'off' })
  say(said.split('\n').find(line => line.includes('applying')) ?? '')
  const pods = await servicePods(api)
  expect(pods).toHaveLength(1)
  expect(pods[0]?.status.containerStatuses?.[0]?.restartCount).toBe(0)
}, 600_000)

describe('a server-side dry run', () => {
  test.each(['dev', 'local'])(
    'of %s is accepted',
    async overlay => {
      const { code, err, out } = await kubectl(['apply', '--dry-run=server', '-k', join(ROOT, 'k8s/overlays', overlay)])
      expect({ code, err }).toEqual({ code: 0, err: '' })
      expect(out).toMatch(/deployment\.apps\/tipping-point configured|unchanged/)
    },
    60_000,
  )

  const restricted = {
    runAsNonRoot: true,
    runAsUser: 65_532,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  }
  test.each([
    ['runs as root', { ...restricted, runAsNonRoot: false, runAsUser: 0 }],
    ['may become more than it is', { ...restricted, allowPrivilegeEscalation: true }],
    ['keeps capabilities', { ...restricted, capabilities: {} }],
    ['has no seccomp profile', { ...restricted, seccompProfile: { type: 'Unconfined' } }],
  ])(
    'of a pod that %s is refused',
    async (_, securityContext) => {
      const { code, err } = await kubectl(['create', '--dry-run=server', '-f', '-'], podOf(securityContext))
      expect(code).toBe(1)
      expect(err).toContain('violates PodSecurity "restricted')
    },
    30_000,
  )

  test('of a pod with nothing of these is accepted', async () => {
    expect((await kubectl(['create', '--dry-run=server', '-f', '-'], podOf(restricted))).code).toBe(0)
  }, 30_000)
})

const podOf = (securityContext: object) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'intruder', namespace: NAMESPACE },
    spec: { containers: [{ name: 'intruder', image: 'intruder', securityContext }] },
  })

test('strangers reach the API, and not the metrics', async () => {
  const [pod] = await servicePods(api)
  const address = (pod as unknown as { status: { podIP: string } }).status.podIP
  const ask = `
    const ask = async url => { try { return (await fetch(url, { signal: AbortSignal.timeout(3000) })).status } catch { return 'nothing' } }
    for (let i = 0; i < 10; i++) {
      console.log(await ask('http://${address}:3000/factors/97'), await ask('http://${address}:9464/metrics'))
      await Bun.sleep(2000)
    }`
  await cluster.kubectl(['create', 'namespace', STRANGERS])
  await cluster.kubectl(['-n', STRANGERS, 'create', '-f', '-'], { stdin: JSON.stringify(asker(ask)) })
  const answers = async () => (await kubectl(['-n', STRANGERS, 'logs', 'stranger'])).out.trim().split('\n')
  // a plugin may take seconds to learn of a new pod: the last answers count
  for (const end = Date.now() + 90_000; Date.now() < end && (await answers()).length < 10; await wait(1000));
  const [last] = (await answers()).slice(-1)
  say(`a stranger's last answers from the API and the metrics: ${last}`)
  expect(last).toStartWith('200 ')
  if (last === '200 nothing') return
  leaveOut('that strangers do not reach the metrics', 'the network plugin of this cluster enforces no NetworkPolicy')
  expect(last).toBe('200 200')
}, 120_000)

const asker = (script: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'stranger' },
  spec: {
    restartPolicy: 'Never',
    containers: [
      { name: 'stranger', image: 'oven/bun:1.4.5-slim', imagePullPolicy: 'IfNotPresent', args: ['-e', script] },
    ],
  },
})
