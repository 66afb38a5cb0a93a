import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Answer } from '../lib/prometheus.ts'
import { promtool } from '../monitoring/promtool.ts'
import { select } from '../monitoring/rule.ts'
import { HOUR_SECONDS, repeat } from './rest.ts'

/** An hour of history: the series of a new Prometheus, and what repeats before their first samples. */
interface History {
  /** Value of the label `name` of {@link BACKFILLED}. */
  readonly name: string
  /** Series with their first samples, before which the hour ends. */
  readonly series: readonly Answer[]
  /** Samples of some of these series at a later time. */
  readonly repeated: readonly Answer[]
  readonly scrapeIntervalSeconds: number
}

/** Name of a series that is 1 during the hour. When a query of it has an answer, Prometheus has read the hour. */
export const BACKFILLED = 'backfilled'

/**
 * Writes an hour of history into the data folder of a running Prometheus, which reads new blocks once a minute. Counters have no
 * reset where the hour ends: they reach the value of the first sample.
 * @returns a function that removes the hour
 * @throws an Error with the output of promtool
 */
export async function backfill(dataFolder: string, history: History): Promise<() => Promise<unknown>> {
  const before = await readdir(dataFolder)
  const folder = await mkdtemp(join(tmpdir(), 'hour-'))
  try {
    const file = join(folder, 'hour.txt')
    await Bun.write(file, `${linesOf(history).join('\n')}\n# EOF\n`)
    const { code, out, err } = await promtool(['tsdb', 'create-blocks-from', 'openmetrics', file, dataFolder])
    if (code !== 0) throw new Error(out + err)
  } finally {
    await rm(folder, { recursive: true })
  }
  const blocks = (await readdir(dataFolder)).filter(name => !before.includes(name))
  return () => Promise.all(blocks.map(block => rm(join(dataFolder, block), { recursive: true })))
}

/** The samples of the hour in the format OpenMetrics. */
function linesOf({ name, series, repeated, scrapeIntervalSeconds }: History): string[] {
  const count = HOUR_SECONDS / scrapeIntervalSeconds
  const firstSamples = new Map(series.map(({ labels, samples }) => [seriesName(labels), samples[0]]))
  const lines: string[] = []
  const add = (name: string, end: number, valueAt: (index: number) => number) => {
    for (let i = 0; i < count; i++)
      lines.push(`${name} ${valueAt(i)} ${(end - (count - i) * scrapeIntervalSeconds).toFixed(3)}`)
  }
  add(select(BACKFILLED, { name }), series[0]?.samples[0]?.[0] ?? 0, () => 1)
  for (const answer of repeated) {
    const { series, values, isCounter } = repeat(answer, count + 1)
    const [end, first] = firstSamples.get(series) ?? []
    if (end === undefined || first === undefined) continue
    const shift = isCounter ? first - (values.at(-1) ?? 0) : 0
    add(series, end, index => (values[index] ?? 0) + shift)
  }
  return lines
}

const seriesName = ({ __name__ = '', ...labels }: Answer['labels']) => select(__name__, labels)
