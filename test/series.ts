import type { Metric } from '../src/telemetry/catalogue.ts'

/**
 * Name and labels of a series, as the service's exposition writes them.
 * @param values label values by the catalogue's keys, in the order of the exposition; `le` is the label of a bucket
 * @param suffix such as `_bucket` of a histogram
 */
export function seriesOf<Labels extends Readonly<Record<string, string>>>(
  { name, labels }: Metric<Labels>,
  values: Readonly<Partial<Record<keyof Labels | 'le', string | number>>>,
  suffix = '',
): string {
  const set = Object.entries(values).map(([key, value]) => `${labels[key] ?? key}="${value}"`)
  return `${name}${suffix}{${set.join(',')}}`
}
