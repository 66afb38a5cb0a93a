import { unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { SERVICE_CONFIG } from '../../../chosen-service.ts'
import { runProgram } from '../../../lib/process.ts'
import { UserError } from '../../../lib/user-error.ts'
import { version } from '../../../package.json'
import type { ActionOptions, Cluster } from '../cluster/cluster.ts'
import { requirePrograms } from '../cluster/required-programs.ts'

const { name } = SERVICE_CONFIG
const PROJECT = resolve(import.meta.dir, '../../..')

/** Maximum size of the release image. Bun takes 107 MB; the rest is distroless, the service and a reserve. */
const MAXIMUM_BYTES = 150_000_000

/** The steps in the output of a build: those of the classic builder, and those of BuildKit's `plain`. */
const STEP = /^(Step \d+\/\d+ : |#\d+ \[[^\]]*\d+\/\d+\] )(FROM|RUN|COPY) .{1,80}/

/**
 * Builds the release image and returns its name in the local engine, such as `NAME:0123456789ab`. The tag is
 * the beginning of the image's id: the same source has the same tag as long as the engine's cache lasts. Throws a
 * {@link UserError} when Docker is missing, or with the last lines of the build.
 */
export async function buildImage({ say, signal }: ActionOptions): Promise<string> {
  requirePrograms(['docker'])
  const revision = await git('describe', '--always', '--abbrev=40', '--dirty', '--exclude=*')
  const created = await git('log', '-1', '--format=%cI')
  const given = { VERSION: version, ...(revision && { REVISION: revision }), ...(created && { CREATED: created }) }
  // Attestations contain the time of the build, so the same source would get another id each time.
  const env = { ...process.env, BUILDX_NO_DEFAULT_ATTESTATIONS: '1', BUILDKIT_PROGRESS: 'plain' }
  const file = join(tmpdir(), `${name}-${crypto.randomUUID()}`)
  say('building the release image')
  try {
    const values = Object.entries(given).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`])
    const command = ['docker', 'build', PROJECT, '--target', 'release', '--iidfile', file, ...values]
    await runProgram(command, { env, signal, onLine: line => sayStep(line, say) })
    const id = (await Bun.file(file).text()).trim()
    const reference = `${name}:${id.replace('sha256:', '').slice(0, 12)}`
    await runProgram(['docker', 'tag', id, reference], { signal })
    say(`built ${reference}`)
    return reference
  } finally {
    await unlink(file).catch(() => {}) // a failed build writes no file
  }
}

function sayStep(line: string, say: (line: string) => void): void {
  const [step] = STEP.exec(line) ?? []
  if (step !== undefined) say(`  ${step}`)
}

/** Says how large an image is. Throws a {@link UserError} when it is larger than a release image may be. */
export async function checkImageSize(reference: string, { say, signal }: ActionOptions): Promise<void> {
  const size = await runProgram(['docker', 'image', 'inspect', '--format={{.Size}}', reference], { signal })
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
  say(`size: ${megabytes(Number(size))} (maximum: ${megabytes(MAXIMUM_BYTES)})`)
  if (Number(size) > MAXIMUM_BYTES)
    throw new UserError(`the image is larger than its maximum; find the layer that grew: docker history ${reference}`)
}

/** Runs git on the source and returns its output; undefined outside a repository or without git. */
const git = (...args: string[]): Promise<string | undefined> =>
  runProgram(['git', '-C', PROJECT, ...args]).then(
    out => out.trim() || undefined,
    () => undefined,
  )

/** The registry that a cluster advertises (https://kep.k8s.io/1755): its address here, and on the nodes. */
export async function advertisedRegistry(
  cluster: Cluster,
): Promise<{ host?: string; hostFromContainerRuntime?: string }> {
  const name = ['configmap', 'local-registry-hosting', '--namespace=kube-public']
  const map = await cluster.get<{ data?: Record<string, string> }>(...name)
  return (Bun.YAML.parse(map?.data?.['localRegistryHosting.v1'] ?? '{}') ?? {}) as object
}

/** Local clusters whose nodes use the engine that built the image. */
const SHARED_ENGINE: ReadonlySet<string> = new Set(['docker-desktop', 'orbstack', 'rancher-desktop'])

/** The command that copies an image into the nodes of kind or minikube. */
function copyCommand({ context }: Cluster, reference: string): string[] | undefined {
  if (context.startsWith('kind-'))
    return ['kind', 'load', 'docker-image', reference, '--name', context.slice('kind-'.length)]
  return context === 'minikube' ? ['minikube', '--profile', context, 'image', 'load', reference] : undefined
}

/**
 * Brings an image to where the nodes of a cluster find it: into `registry` (such as
 * `europe-docker.pkg.dev/project/repository`), else into the registry that the cluster advertises, else into the nodes
 * of kind or minikube; nodes that share the engine have it already. Returns the reference for pods. Throws a {@link
 * UserError} when there is no way, or with the error output.
 */
export async function deliverImage(
  cluster: Cluster,
  reference: string,
  registry: string | undefined,
  { say, signal }: ActionOptions,
): Promise<string> {
  async function push(host: string): Promise<string> {
    const remote = `${host.replace(/\/+$/, '')}/${reference}`
    say(`pushing ${remote}`)
    await runProgram(['docker', 'tag', reference, remote], { signal })
    await runProgram(['docker', 'push', remote], { signal })
    return remote
  }

  if (registry) return push(registry)
  const { host, hostFromContainerRuntime } = await advertisedRegistry(cluster)
  if (host) return (await push(host)).replace(host, hostFromContainerRuntime || host)
  const copy = copyCommand(cluster, reference)
  if (copy !== undefined) {
    say(`copying ${reference} into ${cluster.context}`)
    await runProgram(copy, { signal })
  } else if (!SHARED_ENGINE.has(cluster.context)) {
    throw new UserError(
      `REGISTRY: not set, and ${cluster.context} advertises no registry; set REGISTRY to one to which you can push and ` +
        'from which its nodes can pull, such as europe-docker.pkg.dev/PROJECT/REPOSITORY',
    )
  }
  return reference
}
