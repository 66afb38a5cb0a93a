import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import pinned from '../../../helm/charts.json' with { type: 'json' }
import { runProgram } from '../../../lib/process.ts'
import { UserError } from '../../../lib/user-error.ts'

/** Seconds for `helm pull`: the index of the larger repository is some 10 MB, a chart less than one. */
const PULL_TIMEOUT = 120

/** A Helm chart at the one version that is used. */
export interface Chart {
  readonly chart: string
  readonly version: string
  readonly repository: string
}

const { operator, ...releases } = pinned

/** Name of a release of Helm. */
export type Release = keyof typeof releases

/** The chart of each release. */
export const CHARTS: Readonly<Record<Release, Chart>> = releases

/** The operator's stack, for clusters that run it instead of these; its values are checked against it, nothing here installs it. */
export const OPERATOR: Chart = operator

export interface ChartOptions {
  /** Folder of what was downloaded; the charts are in its folder `charts`. */
  readonly cache: string
  readonly say: (line: string) => void
  readonly signal?: AbortSignal
}

/** Throws a {@link UserError} where there is no helm. */
export function requireHelm(): void {
  if (Bun.which('helm', { PATH: process.env.PATH ?? '' }) === null)
    throw new UserError('helm is not on PATH; install Helm 3: https://helm.sh/docs/intro/install')
}

/** Where the archive of a chart is, once it is in the cache. */
export const archiveOf = ({ chart, version }: Chart, cache: string) =>
  resolve(cache, 'charts', `${chart}-${version}.tgz`)

/**
 * Path of the archive of a chart: in the cache, or pulled into it once. Throws a {@link UserError} that says why it
 * cannot be had, and how to go on.
 */
export async function ensureChart(chart: Chart, { cache, say, signal }: ChartOptions): Promise<string> {
  const file = archiveOf(chart, cache)
  const folder = dirname(file)
  if (existsSync(file)) return file

  requireHelm()
  say(`downloading the chart ${chart.chart} ${chart.version} from ${chart.repository}`)
  mkdirSync(folder, { recursive: true })
  const temporary = mkdtempSync(join(folder, 'tmp-'))
  const timeout = AbortSignal.timeout(PULL_TIMEOUT * 1000)
  const command = ['helm', 'pull', chart.chart, '--repo', chart.repository, '--version', chart.version]
  try {
    await runProgram([...command, '--destination', temporary], {
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
    renameSync(join(temporary, basename(file)), file) // whole or not at all, even when two do it at once
    return file
  } catch (error) {
    signal?.throwIfAborted()
    const reason = timeout.aborted ? `nothing after ${PULL_TIMEOUT} s` : (error as Error).message.split('\n').at(-1)
    throw new UserError(
      `the chart ${chart.chart} ${chart.version} cannot be had from ${chart.repository} (${reason?.trim()}); ` +
        `put it there yourself: ${file}`,
    )
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}
