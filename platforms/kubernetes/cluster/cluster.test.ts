import { describe, expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { UserError } from '../../../lib/user-error.ts'
import { programs } from '../../../test/kubectl.ts'
import { chooseContext, isLocal, openCluster } from './cluster.ts'

const NAME = SERVICE_CONFIG.name

/** A configuration of one context `at` whose cluster has this name. */
const config = (cluster: string, authority?: string) => ({
  'current-context': 'at',
  contexts: [{ name: 'at', context: { cluster } }],
  clusters: [{ name: cluster, cluster: authority === undefined ? {} : { 'certificate-authority': authority } }],
})
const remote = config('gke_project_zone_cluster')

describe("a context is local by Tilt's rule", () => {
  test.each([
    'kind',
    `kind-${NAME}`,
    'minikube',
    'docker-desktop',
    'docker-for-desktop-cluster',
    'microk8s-cluster',
    'k3d-any',
    'rancher-desktop',
    'colima',
    'api-crc-testing:6443',
  ])('the name of its cluster: %s', name => expect(isLocal(config(name), 'at')).toBe(true))

  test.each(['kindergarten', 'my-kind-cluster', 'gke_project_zone_kind-a', 'production'])(
    'by no other name: %s',
    name => expect(isLocal(config(name), 'at')).toBe(false),
  )

  test('for minikube also where its certificate is', () => {
    expect(isLocal(config('mine', '/home/me/.minikube/ca.crt'), 'at')).toBe(true)
    expect(isLocal(config('mine', '/home/me/minikube/ca.crt'), 'at')).toBe(false)
  })

  test('not the name of the context, which anybody can change', () => {
    const renamed = { contexts: [{ name: 'kind-a', context: { cluster: 'production' } }] }
    expect(isLocal(renamed, 'kind-a')).toBe(false)
    expect(isLocal({ contexts: null, clusters: null }, 'kind-a')).toBe(false)
  })
})

describe('the context to act on', () => {
  test('is the current one where it is local', () => {
    expect(chooseContext(config('kind-a'), undefined)).toEqual({ context: 'at', local: true })
    expect(chooseContext(config('kind-a'), '')).toEqual({ context: 'at', local: true })
  })

  test('is never a remote one, unless KUBE_CONTEXT names it', () => {
    expect(() => chooseContext(remote, undefined)).toThrow(
      new UserError('the current context at is not local; to act on it all the same: KUBE_CONTEXT=at'),
    )
    expect(chooseContext(remote, 'at')).toEqual({ context: 'at', local: false })
  })

  test('must be in the configuration of kubectl', () => {
    expect(() => chooseContext(remote, 'other')).toThrow(
      'kubectl has no context "other"; KUBE_CONTEXT takes one of: at',
    )
    expect(() => chooseContext({ contexts: null }, 'other')).toThrow('one of: none')
  })

  test('must be set', () => {
    const message = 'kubectl has no current context; create a cluster (make cluster), or set KUBE_CONTEXT'
    expect(() => chooseContext({ 'current-context': '', contexts: null }, undefined)).toThrow(message)
  })
})

describe('a cluster that is opened', () => {
  const view = (config: object) => `[ "$1" = config ] && exec echo '${JSON.stringify(config)}'`

  test('needs kubectl', async () => {
    const PATH = mkdtempSync(join(tmpdir(), 'empty-'))
    await expect(openCluster({ PATH })).rejects.toThrow(
      new UserError('kubectl is not on PATH; install it: https://kubernetes.io/docs/tasks/tools/'),
    )
  })

  test('is named to kubectl in every call, so that a switch in between does no harm', async () => {
    const cluster = await openCluster({ PATH: programs({ kubectl: `${view(config('kind-a'))}\necho "$@"; cat` }) })
    expect(cluster).toMatchObject({ context: 'at', local: true })
    expect(await cluster.kubectl(['apply', '-f', '-'], { stdin: 'text' })).toBe('--context=at apply -f -\ntext')
  })

  test('gives what kubectl gets: an object, or nothing', async () => {
    const script = (out: string) => programs({ kubectl: `${view(remote)}\nprintf '%s' '${out}'` })
    const open = (out: string) => openCluster({ PATH: script(out), KUBE_CONTEXT: 'at' })
    expect((await open('')).local).toBe(false)
    expect(await (await open('')).get('secret', 'any')).toBeUndefined()
    expect(await (await open('{"data": {"a": "b"}}')).get('secret', 'any')).toEqual({ data: { a: 'b' } })
  })

  test('does not hide what kubectl says', async () => {
    const kubectl = `${view(config('kind-a'))}\necho 'Unable to connect' >&2; exit 1`
    const cluster = await openCluster({ PATH: programs({ kubectl }) })
    await expect(cluster.get('pods')).rejects.toThrow(
      /^kubectl --context=at get pods .*\(exit code 1\):\n {2}Unable to connect$/,
    )
  })
})
