import { unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { runProgram, startPiped } from '../../../lib/process.ts'
import { UserError } from '../../../lib/user-error.ts'
import { name, version } from '../../../package.json'

import type { Cluster } from '../cluster/cluster.ts'

/** An image in the local engine. */
export interface Image {
  /** Its name there, such as `tipping-point:0123456789ab`: the tag is the beginning of the id, so it names these contents alone. */
  readonly reference: string
  /** `sha256:…` */
  readonly id: string
}

interface BuildOptions {
  readonly say: (line: string) => void
  readonly signal?: AbortSignal
  /** For tests. */
  readonly run?: typeof runProgram
}

interface DeliverOptions extends BuildOptions {
  /** Where to push, such as `europe-docker.pkg.dev/project/repository`; what the variable REGISTRY has. */
  readonly registry?: string | undefined
}

const PROJECT = resolve(import.meta.dir, '../../..')

/** How many of the last lines of a build that failed are repeated. */
const TAIL = 20

/** The lines of a build that say how far it is: the classic builder's, and those of BuildKit's `plain`, if they take time. */
const STEP = /^(Step \d+\/\d+ : |#\d+ \[[^\]]*\d+\/\d+\] )(FROM|RUN|COPY) .{1,80}/

/** Runs `docker build`, saying each step. Throws a {@link UserError} with the last lines. */
async function build(args: readonly string[], { say, signal }: BuildOptions): Promise<void> {
  // Attestations hold the time of the build, and so would give the same source another id each time.
  const env = { ...process.env, BUILDX_NO_DEFAULT_ATTESTATIONS: '1', BUILDKIT_PROGRESS: 'plain' }
  const child = startPiped(['docker', 'build', ...args, PROJECT], { env, signal })
  const tail: string[] = []
  async function follow(stream: ReadableStream<Uint8Array>) {
    const decoder = new TextDecoder()
    let rest = ''
    for await (const bytes of stream) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines.filter(line => line.trim() !== '')) {
        const [step] = STEP.exec(line) ?? []
        if (step) say(`  ${step}`)
        tail.push(line)
      }
      tail.splice(0, tail.length - TAIL)
    }
    if (rest) tail.push(rest)
  }
  const [code] = await Promise.all([child.exited, follow(child.stdout), follow(child.stderr)])
  signal?.throwIfAborted()
  if (code !== 0) throw new UserError([`docker build failed (exit code ${code}):`, ...tail].join('\n  '))
}

/** Throws a {@link UserError} of one line where there is no Docker, or its engine does not answer. */
async function needDocker({ signal, run = runProgram }: BuildOptions): Promise<void> {
  if (Bun.which('docker') === null)
    throw new UserError('docker is not on PATH; install Docker (https://docs.docker.com/get-docker)')
  const command = ['docker', 'version', '--format', '{{.Server.Version}}']
  await run(command, signal && { signal }).catch(() => {
    signal?.throwIfAborted()
    throw new UserError("Docker's engine does not answer; start it, and see that `docker version` shows a server")
  })
}

/** What git says of the source; undefined outside a repository, or without git. */
const git = (...args: string[]) =>
  runProgram(['git', '-C', PROJECT, ...args]).then(
    out => out.trim() || undefined,
    () => undefined,
  )

/**
 * Builds a target of the Dockerfile. The same source gives the same id, as long as the engine's cache lasts.
 * Throws a {@link UserError}: Docker is not there, or the last lines of what failed.
 */
export async function buildImage(target: 'dev' | 'release', options: BuildOptions): Promise<Image> {
  await needDocker(options)
  const revision = await git('describe', '--always', '--abbrev=40', '--dirty', '--exclude=*')
  const created = await git('log', '-1', '--format=%cI')
  const arguments_ = {
    VERSION: version,
    ...(revision && { REVISION: revision }),
    ...(created && { CREATED: created }),
  }
  const file = join(tmpdir(), `${name}-${crypto.randomUUID()}`)
  options.say(`building the image (${target})`)
  try {
    const values = Object.entries(arguments_).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`])
    await build(['--target', target, '--iidfile', file, ...values], options)
    const id = (await Bun.file(file).text()).trim()
    const reference = `${name}:${id.replace('sha256:', '').slice(0, 12)}`
    await runProgram(['docker', 'tag', id, reference], options.signal && { signal: options.signal })
    options.say(`built ${reference}`)
    return { reference, id }
  } finally {
    await unlink(file).catch(() => {}) // a build that failed has not written it
  }
}

/** How a cluster says that it has a registry: https://kep.k8s.io/1755 */
interface RegistryHosting {
  /** Seen from this machine. */
  readonly host?: string
  /** Seen from what pulls on the nodes, where that differs. */
  readonly hostFromContainerRuntime?: string
}

async function advertisedRegistry(cluster: Cluster): Promise<RegistryHosting> {
  const map = await cluster.get<{ data?: Record<string, string> }>(
    'configmap',
    'local-registry-hosting',
    '--namespace=kube-public',
  )
  return (Bun.YAML.parse(map?.data?.['localRegistryHosting.v1'] ?? '{}') ?? {}) as RegistryHosting
}

/** The local clusters that run on the very engine that has built the image. */
const SHARED_ENGINE: ReadonlySet<string> = new Set(['docker-desktop', 'orbstack', 'rancher-desktop'])

/** The command that copies an image into the nodes of a local cluster that has no registry. */
function copyCommand({ context }: Cluster, { reference }: Image): string[] | undefined {
  if (context.startsWith('kind-'))
    return ['kind', 'load', 'docker-image', reference, '--name', context.slice('kind-'.length)]
  return context === 'minikube' ? ['minikube', '--profile', context, 'image', 'load', reference] : undefined
}

/**
 * Brings an image to where a cluster's nodes find it; the reference by which pods name it. In this order: the registry that
 * is asked for, one that the cluster advertises, a copy into the nodes of kind or minikube, nothing where the engine is shared.
 * Throws a {@link UserError} where none of these is possible, or what docker, kind or minikube said.
 */
export async function deliverImage(cluster: Cluster, image: Image, options: DeliverOptions): Promise<string> {
  const { registry, say, signal, run = runProgram } = options
  const within = signal && { signal }

  async function push(host: string): Promise<string> {
    const remote = `${host.replace(/\/+$/, '')}/${image.reference}`
    say(`pushing ${remote}`)
    await run(['docker', 'tag', image.reference, remote], within)
    await run(['docker', 'push', remote], within)
    return remote
  }

  if (registry) return push(registry)
  const { host, hostFromContainerRuntime } = await advertisedRegistry(cluster)
  if (host) return (await push(host)).replace(host, hostFromContainerRuntime || host)
  const copy = copyCommand(cluster, image)
  if (copy) {
    say(`copying ${image.reference} into ${cluster.context}`)
    await run(copy, within)
  } else if (!SHARED_ENGINE.has(cluster.context)) {
    throw new UserError(
      `REGISTRY: how images get to ${cluster.context} is not known; set REGISTRY to a registry that you can push to and its nodes can pull from, such as europe-docker.pkg.dev/PROJECT/REPOSITORY`,
    )
  }
  return image.reference
}
