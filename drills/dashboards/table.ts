import { BytesIEC, BytesPerSecondIEC, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import type { Platform } from '../../platforms/platform.ts'
import { aligned } from '../report/terminal.ts'
import { figure, percent, time } from '../report/text.ts'
import { type Evaluated, faultsOf } from './evaluate.ts'

function bytes(value: number): string {
  const power = Math.max(0, Math.min(3, Math.floor(Math.log2(Math.max(1, value)) / 10)))
  return `${figure(value / 1024 ** power)} ${['B', 'KiB', 'MiB', 'GiB'][power]}`
}

/** How a value of a unit is written. */
const WRITTEN: Readonly<Record<string, (value: number) => string>> = {
  [PercentUnit]: percent,
  [Seconds]: time,
  [BytesIEC]: bytes,
  [BytesPerSecondIEC]: value => `${bytes(value)}/s`,
}

/** How many values are told before it is said how many more there are. */
const TOLD = 3

function told({ values, unit, elsewhere, fault }: Evaluated, platform: Platform['name']): string {
  if (fault !== undefined) return `✗ ${fault}`
  if (elsewhere) return `not on ${platform}`
  const all = values.slice(0, TOLD).map(WRITTEN[unit] ?? figure)
  return [...all, ...(values.length > TOLD ? [`and ${values.length - TOLD} more`] : [])].join(', ')
}

/** Dashboard × panel × query × platform × value, for a terminal, and how many of them are as they should be. */
export function evaluationTable(evaluated: readonly Evaluated[], platform: Platform['name']): string {
  const rows = evaluated.map(query => [
    ...[query.dashboard, `${query.panel}`, query.title, query.refId, query.legend],
    ...[query.platforms === 'all' ? 'both' : query.platforms, told(query, platform)],
  ])
  const faults = faultsOf(evaluated)
  const asked = evaluated.filter(({ elsewhere }) => !elsewhere)
  return [
    aligned([['dashboard', 'panel', 'title', 'query', 'legend', 'platform', `value on ${platform}`], ...rows]),
    `${asked.length - faults.length} of ${asked.length} queries have an answer that fits; ${evaluated.length - asked.length} are of the other platform.`,
  ].join('\n\n')
}
