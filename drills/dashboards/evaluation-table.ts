import {
  BytesIEC,
  BytesPerSecondIEC,
  DateTimeFromNow,
  PercentUnit,
  Seconds,
} from '@grafana/grafana-foundation-sdk/units'
import type { Platform } from '../../platforms/platform.ts'
import { figure, percent, time } from '../report/figures.ts'
import { aligned } from '../report/terminal.ts'
import { type EvaluatedQuery, faultsOf } from './evaluate.ts'

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB']

function bytes(value: number): string {
  const power = Math.max(0, Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log2(Math.max(1, value)) / 10)))
  return `${figure(value / 1024 ** power)} ${BYTE_UNITS[power]}`
}

/** How to write a value, by unit. */
const FORMATS: Readonly<Record<string, (value: number) => string>> = {
  [PercentUnit]: percent,
  [Seconds]: time,
  [DateTimeFromNow]: value => new Date(value).toISOString(),
  [BytesIEC]: bytes,
  [BytesPerSecondIEC]: value => `${bytes(value)}/s`,
}

/** Maximum number of values in a cell. */
const MAX_VALUES = 3

function result({ values, unit, skipped, fault }: EvaluatedQuery): string {
  if (fault !== undefined) return `✗ ${fault}`
  if (skipped) return skipped
  const shown = values.slice(0, MAX_VALUES).map(FORMATS[unit] ?? figure)
  const more = values.length - shown.length
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
}

/** A table for a terminal with a line for each query, and the number of right answers. */
export function evaluationTable(evaluated: readonly EvaluatedQuery[], platform: Platform['name']): string {
  const columns: Record<string, (query: EvaluatedQuery) => string> = {
    dashboard: ({ dashboard }) => dashboard,
    panel: ({ panel }) => `${panel}`,
    title: ({ title }) => title,
    query: ({ refId }) => refId,
    legend: ({ legend }) => legend,
    platform: ({ platforms }) => (platforms === 'all' ? 'both' : platforms),
    [`value on ${platform}`]: result,
  }
  const rows = evaluated.map(query => Object.values(columns).map(cell => cell(query)))
  const run = evaluated.filter(({ skipped }) => !skipped).length
  return `${aligned([Object.keys(columns), ...rows])}

${run - faultsOf(evaluated).length} of ${run} queries have a right answer; ${evaluated.length - run} were not run.`
}
