import type { Metric } from '../src/telemetry/catalogue.ts'

/**
 * A series of the service as its exposition has it: the metric's name, and the labels, by the keys that code uses, in the order
 * that they are given in. A suffix is that of a histogram's part; `le` stands for itself.
 */
export function seriesOf<Labels extends Readonly<Record<string, string>>>(
  { name, labels }: Metric<Labels>,
  values: Readonly<Partial<Record<keyof Labels | 'le', string | number>>>,
  suffix = '',
): string {
  const set = Object.entries(values).map(([key, value]) => `${labels[key] ?? key}="${value}"`)
  return `${name}${suffix}{${set.join(',')}}`
}
