import { describe, expect, test } from 'bun:test'
import { resolve } from 'node:path'
import { description, devDependencies, license, name } from '../../../package.json'
import type { Cluster } from '../cluster/cluster.ts'
import { deliverImage } from './image.ts'
import { defaultOf, partsOf } from './image-parts.ts'

const DOCKERFILE = resolve(import.meta.dir, '../../../Dockerfile')

describe('the images', () => {
  test('are of the Bun that package.json pins, and say what the package says', async () => {
    const dockerfile = await Bun.file(DOCKERFILE).text()
    expect(defaultOf(dockerfile, 'BUN_IMAGE')).toBe(`oven/bun:${devDependencies.bun}-slim`)
    expect(dockerfile).toContain(`org.opencontainers.image.title="${name}"`)
    expect(dockerfile).toContain(`org.opencontainers.image.description="${description}"`)
    expect(dockerfile).toContain(`org.opencontainers.image.licenses="${license}"`)
    expect(dockerfile).not.toMatch(/^(# *syntax=|RUN --mount|COPY --(link|chmod))|<</m) // the classic builder knows none
  })

  test.each([
    ['the classic builder', '/bin/sh -c #(nop) COPY file:0123 in /tipping-point '],
    ['BuildKit', 'COPY /out/tipping-point /tipping-point # buildkit'],
  ])('by %s are told apart from their base', (_, CreatedBy) => {
    const layers = [
      { CreatedBy: 'LABEL org.opencontainers.image.title=tipping-point', Size: '0' },
      { CreatedBy, Size: '110' },
      { CreatedBy: 'bazel build …', Size: '25' },
    ]
    expect(partsOf(layers, 100)).toEqual({ base: 25, bun: 100, code: 10, total: 135 })
    expect(() => partsOf(layers.slice(2), 100)).toThrow('no release image')
  })
})

describe('an image is delivered', () => {
  const image = { reference: 'tipping-point:0123456789ab', id: 'sha256:0123456789abcdef' }

  async function deliver(context: string, { registry, hosting }: { registry?: string; hosting?: string } = {}) {
    const commands: string[] = []
    const cluster: Cluster = {
      context,
      local: true,
      kubectl: () => Promise.reject(new Error('not needed')),
      get: async <T>(...args: readonly string[]) => {
        expect(args).toEqual(['configmap', 'local-registry-hosting', '--namespace=kube-public'])
        return hosting === undefined ? undefined : ({ data: { 'localRegistryHosting.v1': hosting } } as T)
      },
    }
    const run = async (command: readonly string[]) => {
      commands.push(command.join(' '))
      return ''
    }
    return { reference: await deliverImage(cluster, image, { registry, say: () => {}, run }), commands }
  }
  const pushed = (host: string) => {
    const remote = `${host}/${image.reference}`
    return [`docker tag ${image.reference} ${remote}`, `docker push ${remote}`]
  }

  test('to the registry that is asked for, whatever the cluster has', async () => {
    const hosting = 'host: "localhost:5005"'
    expect(await deliver('kind-a', { registry: 'europe-docker.pkg.dev/p/r/', hosting })).toEqual({
      reference: 'europe-docker.pkg.dev/p/r/tipping-point:0123456789ab',
      commands: pushed('europe-docker.pkg.dev/p/r'),
    })
  })

  test('to the registry that the cluster advertises, by the name that its nodes know', async () => {
    expect(await deliver('kind-a', { hosting: 'host: "localhost:5005"\nhelp: "https://example.org"' })).toEqual({
      reference: 'localhost:5005/tipping-point:0123456789ab',
      commands: pushed('localhost:5005'),
    })
    const hosting = 'host: localhost:5005\nhostFromContainerRuntime: registry:5000\nhostFromClusterNetwork: other:1'
    expect(await deliver('kind-a', { hosting })).toEqual({
      reference: 'registry:5000/tipping-point:0123456789ab',
      commands: pushed('localhost:5005'),
    })
  })

  test.each([
    ['kind-tipping-point', [`kind load docker-image ${image.reference} --name tipping-point`]],
    ['minikube', [`minikube --profile minikube image load ${image.reference}`]],
    ['docker-desktop', []],
    ['orbstack', []],
    ['rancher-desktop', []],
  ])('into the nodes of %s', async (context, commands) => {
    expect(await deliver(context)).toEqual({ reference: image.reference, commands })
    expect(await deliver(context, { hosting: '' })).toEqual({ reference: image.reference, commands }) // an empty entry
  })

  test('nowhere else: it says what to set', async () => {
    await expect(deliver('gke_project_zone_cluster')).rejects.toThrow(
      /^REGISTRY: .*gke_project_zone_cluster.*set REGISTRY/,
    )
  })
})
