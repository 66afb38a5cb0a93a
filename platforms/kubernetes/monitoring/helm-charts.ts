import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import pinned from '../../../helm/charts.json' with { type: 'json' }
import { runProgram } from '../../../lib/process.ts'
import { UserError } from '../../../lib/user-error.ts'
import { cacheFolder } from '../../../tools/options.ts'
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
  say(`downloading the chart ${chart.chart} ${chart.version} from ${chart.repository}`)
  mkdirSync(dirname(file), { recursive: true })
  const temporary = mkdtempSync(join(dirname(file), 'tmp-'))
  const timeout = AbortSignal.timeout(PULL_TIMEOUT_SECONDS * 1000)
  const command = ['helm', 'pull', chart.chart, '--repo', chart.repository, '--version', chart.version]
  try {
    const either = AbortSignal.any(signal ? [signal, timeout] : [timeout])
    await runProgram([...command, '--destination', temporary], { signal: either })
    renameSync(join(temporary, basename(file)), file) // atomic: another process never sees half of the archive
    return file
  } catch (error) {
    signal?.throwIfAborted()
    const last = (error as Error).message.split('\n').at(-1)?.trim()
    const reason = timeout.aborted ? `no end after ${PULL_TIMEOUT_SECONDS} s` : last
    throw new UserError(
      `cannot pull the chart ${chart.chart} ${chart.version} from ${chart.repository} (${reason}); ` +
        `download its archive by other means, to ${file}`,
    )
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}
