import { UserError } from '../../../lib/user-error.ts'

/** Answers with the caller's IPv4 address, in plain text. */
const ECHO = 'https://checkip.amazonaws.com'

const RANGE = /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/

/** Reads a comma-separated list of IPv4 ranges; undefined when the variable is empty. Throws a {@link UserError}. */
export function readRanges(env: NodeJS.Dict<string>): readonly string[] | undefined {
  if (!env.SOURCE_RANGES) return undefined
  const ranges = env.SOURCE_RANGES.split(',')
  const wrong = ranges.find(range => !RANGE.test(range))
  if (wrong === undefined) return ranges
  throw new UserError(
    `SOURCE_RANGES: "${wrong}" is not accepted; it takes IPv4 ranges, such as 203.0.113.7/32,198.51.100.0/24`,
  )
}

/** The range of this machine's public address alone. Throws a {@link UserError} when the address cannot be found out. */
export async function ownRange(echo = ECHO): Promise<string> {
  const range = await fetch(echo, { signal: AbortSignal.timeout(10_000) })
    .then(async response => `${(await response.text()).trim()}/32`)
    .catch(() => '')
  if (RANGE.test(range)) return range
  throw new UserError(`${echo} does not tell the address of this machine; set SOURCE_RANGES, such as 203.0.113.7/32`)
}

/** Replaces the addresses that may call the load balancer, in manifests as kustomize writes them. */
export function withRanges(manifests: string, ranges: readonly string[]): string {
  const pattern = /^( *)loadBalancerSourceRanges:\n(?:\1- .*\n)+/m
  if (!pattern.test(manifests))
    throw new UserError('SOURCE_RANGES: this overlay has no load balancer; use OVERLAY=gke or OVERLAY=gke-small')
  return manifests.replace(
    pattern,
    (_, indent: string) =>
      `${indent}loadBalancerSourceRanges:\n${ranges.map(range => `${indent}- ${range}\n`).join('')}`,
  )
}
