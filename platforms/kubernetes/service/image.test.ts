import { afterEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { description, devDependencies, license, name } from '../../../package.json'
import { programs } from '../../../test/kubectl.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { checkImageSize, deliverImage } from './image.ts'

const NAME = SERVICE_CONFIG.name

const DOCKERFILE = resolve(import.meta.dir, '../../../Dockerfile')
const PATH = process.env.PATH
afterEach(() => {
  process.env.PATH = PATH
})

test('the images are of the Bun that package.json pins, and have the texts of package.json', async () => {
  const dockerfile = await Bun.file(DOCKERFILE).text()
  expect(dockerfile).toContain(`\nARG BUN_IMAGE=oven/bun:${devDependencies.bun}-slim\n`)
  expect(dockerfile).toContain(`org.opencontainers.image.title="${name}"`)
  expect(dockerfile).toContain(`org.opencontainers.image.description="${description}"`)
  expect(dockerfile).toContain(`org.opencontainers.image.licenses="${license}"`)
  expect(dockerfile).not.toMatch(/^(# *syntax=|RUN --mount|COPY --(link|chmod))|<</m) // the classic builder knows none
})

test('a release image has a maximum size', async () => {
  const said: string[] = []
  const check = (bytes: number) => {
    process.env.PATH = programs({ docker: `[ "$1 $2 $4" = 'image inspect an-image' ] && echo ${bytes}` })
    return checkImageSize('an-image', { say: line => said.push(line) })
  }
  await check(150_000_000)
  await expect(check(150_000_001)).rejects.toThrow('find the layer that grew: docker history an-image')
  expect(said).toEqual(Array(2).fill('size: 150.0 MB (maximum: 150.0 MB)'))
})

describe('an image is delivered', () => {
  const image = `${NAME}:0123456789ab`

  async function deliver(context: string, { registry, hosting }: { registry?: string; hosting?: string } = {}) {
    const notes = join(mkdtempSync(join(tmpdir(), 'deliver-')), 'commands')
    const note = (program: string) => `echo "${program} $*" >> ${notes}`
    process.env.PATH = programs({ docker: note('docker'), kind: note('kind'), minikube: note('minikube') })
    const cluster: Cluster = {
      context,
      local: true,
      kubectl: () => Promise.reject(new Error('not needed')),
      get: async <T>(...args: readonly string[]) => {
        expect(args).toEqual(['configmap', 'local-registry-hosting', '--namespace=kube-public'])
        return hosting === undefined ? undefined : ({ data: { 'localRegistryHosting.v1': hosting } } as T)
      },
    }
    const reference = await deliverImage(cluster, image, registry, { say: () => {} })
    const commands = existsSync(notes) ? readFileSync(notes, 'utf8').trimEnd().split('\n') : []
    return { reference, commands }
  }
  const pushed = (host: string) => {
    const remote = `${host}/${image}`
    return [`docker tag ${image} ${remote}`, `docker push ${remote}`]
  }

  test('to the given registry, whatever registry the cluster has', async () => {
    const hosting = 'host: "localhost:5005"'
    expect(await deliver('kind-a', { registry: 'europe-docker.pkg.dev/p/r/', hosting })).toEqual({
      reference: `europe-docker.pkg.dev/p/r/${NAME}:0123456789ab`,
      commands: pushed('europe-docker.pkg.dev/p/r'),
    })
  })

  test('to the registry that the cluster advertises, under the name that its nodes know', async () => {
    expect(await deliver('kind-a', { hosting: 'host: "localhost:5005"\nhelp: "https://example.org"' })).toEqual({
      reference: `localhost:5005/${NAME}:0123456789ab`,
      commands: pushed('localhost:5005'),
    })
    const hosting = 'host: localhost:5005\nhostFromContainerRuntime: registry:5000\nhostFromClusterNetwork: other:1'
    expect(await deliver('kind-a', { hosting })).toEqual({
      reference: `registry:5000/${NAME}:0123456789ab`,
      commands: pushed('localhost:5005'),
    })
  })

  test.each([
    [`kind-${NAME}`, [`kind load docker-image ${image} --name ${NAME}`]],
    ['minikube', [`minikube --profile minikube image load ${image}`]],
    ['docker-desktop', []],
    ['orbstack', []],
    ['rancher-desktop', []],
  ])('into the nodes of %s', async (context, commands) => {
    expect(await deliver(context)).toEqual({ reference: image, commands })
    expect(await deliver(context, { hosting: '' })).toEqual({ reference: image, commands }) // an empty entry
  })

  test('to no other cluster; the error names the variable to set', async () => {
    await expect(deliver('gke_project_zone_cluster')).rejects.toThrow(
      /^REGISTRY: .*gke_project_zone_cluster.*set REGISTRY/,
    )
  })
})
