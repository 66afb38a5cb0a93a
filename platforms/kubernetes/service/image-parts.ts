import { resolve } from 'node:path'
import { runProgram } from '../../../lib/process.ts'
import { UserError } from '../../../lib/user-error.ts'

const DOCKERFILE = resolve(import.meta.dir, '../../../Dockerfile')

/** How much larger than the Bun executable in it a release image may be, in bytes: 40 MB. */
export const ALLOWANCE = 40_000_000

/** A layer, as `docker history` tells it. */
export interface Layer {
  readonly CreatedBy: string
  /** In bytes. */
  readonly Size: string
}

/** The sizes of what an image is made of, in bytes. */
export interface Parts {
  readonly base: number
  readonly bun: number
  readonly code: number
  readonly total: number
}

/**
 * The parts of a release image. Throws a {@link UserError} if not exactly one of its layers is the binary's.
 * @param bun size of the Bun executable that has compiled the binary, in bytes
 */
export function partsOf(layers: readonly Layer[], bun: number): Parts {
  const total = layers.reduce((sum, { Size }) => sum + Number(Size), 0)
  // the classic builder writes "COPY file:… in /tipping-point ", BuildKit "COPY /out/tipping-point /tipping-point # buildkit"
  const [binary, ...others] = layers.filter(({ CreatedBy }) => /\bCOPY\b.* \/tipping-point\b/.test(CreatedBy))
  if (binary === undefined || others.length > 0)
    throw new UserError('this is no release image: it has not exactly one layer with /tipping-point')
  return { base: total - Number(binary.Size), bun, code: Number(binary.Size) - bun, total }
}

/** The default of an ARG of the Dockerfile; undefined where it has none. */
export const defaultOf = (dockerfile: string, argument: string): string | undefined =>
  new RegExp(`^ARG ${argument}=(\\S+)$`, 'm').exec(dockerfile)?.[1]

/**
 * The parts of a release image in the local engine. The Bun in it is that of the image that compiles the binary (BUN_IMAGE,
 * by default the Dockerfile's). Throws a {@link UserError} with what docker said.
 */
export async function readParts(image: string, signal: AbortSignal): Promise<Parts> {
  const builder = process.env.BUN_IMAGE || defaultOf(await Bun.file(DOCKERFILE).text(), 'BUN_IMAGE') || ''
  const docker = (...args: string[]) => runProgram(['docker', ...args], { signal })
  const history = await docker('history', '--no-trunc', '--human=false', '--format={{json .}}', image)
  const layers = history.trim().split('\n')
  const stat = ['stat', builder, '--dereference', '--format=%s', '/usr/local/bin/bun']
  const bun = Number(await docker('run', '--rm', '--network=none', '--entrypoint', ...stat))
  return partsOf(
    layers.map(line => JSON.parse(line) as Layer),
    bun,
  )
}

/** The parts in MB (of a million bytes), a line each. */
export function describeParts({ base, bun, code, total }: Parts): string {
  const line = (what: string, bytes: number) => `${what.padEnd(40)} ${(bytes / 1e6).toFixed(1).padStart(6)}`
  return [
    line('base image', base),
    line('binary', bun + code),
    line('  of which the Bun executable', bun),
    line('  of which this service', code),
    line('total', total),
    line(`at most (Bun and ${ALLOWANCE / 1e6} MB)`, bun + ALLOWANCE),
  ].join('\n')
}
