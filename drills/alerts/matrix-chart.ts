import * as Plot from '@observablehq/plot'
import { type Chart, COLOURS, draw } from '../report/charts.ts'
import type { AlertResult } from './alert-result.ts'

/** The timeline of every alert, in seconds since the cause began. The time of the cause is shaded. */
export function timelinesChart(results: readonly AlertResult[]): Chart {
  const causes = results.map(({ alert, began, ended }) => ({ alert, from: 0, to: ended - began }))
  const spans = results.flatMap(({ alert, began, timeline }) =>
    (timeline?.spans ?? []).map(({ state, begin, end }) => ({ alert, state, from: begin - began, to: end - began })),
  )
  const deliveries = results.flatMap(({ alert, began, ended, detection, recovery }) => [
    ...(detection === undefined ? [] : [{ alert, text: '▼', at: detection }]),
    ...(recovery === undefined ? [] : [{ alert, text: '✓', at: ended - began + recovery }]),
  ])
  const bar = { x1: 'from', x2: 'to', y: 'alert' }
  const spansIn = (wanted: string) => spans.filter(({ state }) => state === wanted)
  const pending = { colour: COLOURS.warn, opacity: 0.35 }
  const firing = { colour: COLOURS.bad, opacity: 0.75 }
  return draw(
    'Seconds since the cause began (▼ delivered, ✓ resolved)',
    ({ width }) => ({
      height: 60 + 30 * results.length,
      marginLeft: width < 600 ? 150 : 170,
      marginTop: 10,
      marginBottom: 40,
      x: { label: 'seconds →', zero: true, nice: true, grid: true },
      y: { domain: results.map(({ alert }) => alert), label: null, padding: 0.35 },
      marks: [
        Plot.barX(causes, { ...bar, fill: COLOURS.rule, insetTop: -4, insetBottom: -4 }),
        Plot.barX(spansIn('pending'), {
          ...bar,
          fill: pending.colour,
          fillOpacity: pending.opacity,
          stroke: pending.colour,
        }),
        Plot.barX(spansIn('firing'), { ...bar, fill: firing.colour, fillOpacity: firing.opacity }),
        Plot.text(deliveries, { x: 'at', y: 'alert', text: 'text', fill: 'currentColor', fontWeight: 'bold' }),
      ],
    }),
    [
      { label: 'cause', colour: COLOURS.rule },
      { label: 'pending', ...pending },
      { label: 'firing', ...firing },
    ],
  )
}
