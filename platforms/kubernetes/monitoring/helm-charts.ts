import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import pinned from '../../../helm/charts.json' with { type: 'json' }
import { runProgram } from '../../../lib/process.ts'
import { UserError } from '../../../lib/user-error.ts'
import { cacheFolder } from '../../../tools/install-options.ts'
import type { ActionOptions } from '../cluster/cluster.ts'
import { requirePrograms } from '../cluster/required-programs.ts'

/** Seconds for `helm pull`: the larger repository has an index of 10 MB, a chart less than 1 MB. */
const PULL_TIMEOUT_SECONDS = 120

const { operator, ...charts } = pinned

/** A Helm chart, at the version that helm/charts.json pins. */
type Chart = Readonly<typeof operator>

/** Name of a Helm release. */
export type HelmRelease = keyof typeof charts

/** The chart of each release. */
export const CHARTS: Readonly<Record<HelmRelease, Chart>> = charts

/** The chart of the Prometheus operator. Nothing here installs it; tests compare helm/operator.yaml with it. */
export const OPERATOR: Chart = operator

/** Path of the archive of a chart in the cache. */
export const archiveOf = ({ chart, version }: Chart) =>
  resolve(cacheFolder(process.env), 'charts', `${chart}-${version}.tgz`)

/**
 * Pulls a chart into the cache unless it is there, and returns the path of its archive. Throws a {@link UserError} that
 * says why it cannot be pulled and where to put it.
 */
export async function ensureChart(chart: Chart, { say, signal }: ActionOptions): Promise<string> {
  const file = archiveOf(chart)
  if (existsSync(file)) return file

  requirePrograms(['helm'])
  const { chart: name, version, repository } = chart
  say(`downloading the chart ${name} ${version} from ${repository}`)
  mkdirSync(dirname(file), { recursive: true })
  const timeout = AbortSignal.timeout(PULL_TIMEOUT_SECONDS * 1000)
  const either = AbortSignal.any(signal ? [signal, timeout] : [timeout])
  const command = ['helm', 'pull', name, '--repo', repository, '--version', version, '--destination', dirname(file)]
  try {
    await runProgram(command, { signal: either })
    return file
  } catch (error) {
    rmSync(file, { force: true })
    signal?.throwIfAborted()
    const last = (error as Error).message.split('\n').at(-1)?.trim()
    const reason = timeout.aborted ? `no end after ${PULL_TIMEOUT_SECONDS} s` : last
    throw new UserError(
      `cannot pull the chart ${name} ${version} from ${repository} (${reason}); ` +
        `download its archive by other means, to ${file}`,
    )
  }
}
