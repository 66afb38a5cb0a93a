import * as Plot from '@observablehq/plot'
import { type Chart, COLOURS, draw } from '../report/charts.ts'
import type { Proof } from './proof.ts'

/** The states of every alert on one axis, in seconds since its cause began. The time of the cause is shaded. */
export function livesChart(proofs: readonly Proof[]): Chart {
  const causes = proofs.map(({ alert, began, ended }) => ({ alert, from: 0, to: ended - began }))
  const spans = proofs.flatMap(({ alert, began, life }) =>
    (life?.spans ?? []).map(({ state, begin, end }) => ({ alert, state, from: begin - began, to: end - began })),
  )
  const told = (text: string, at: (proof: Proof) => number | undefined) =>
    proofs.flatMap(proof => {
      const seconds = at(proof)
      return seconds === undefined ? [] : [{ alert: proof.alert, text, at: seconds }]
    })
  const marks = [
    ...told('▼', ({ detection }) => detection),
    ...told('✓', ({ began, ended, recovery }) => recovery && ended - began + recovery),
  ]
  const of = (state: string) => spans.filter(span => span.state === state)
  return draw(
    'Seconds since the cause began (▼ delivered, ✓ resolved)',
    ({ width }) => ({
      height: 60 + 30 * proofs.length,
      marginLeft: width < 600 ? 150 : 170,
      marginTop: 10,
      marginBottom: 40,
      x: { label: 'seconds →', zero: true, nice: true, grid: true },
      y: { domain: proofs.map(({ alert }) => alert), label: null, padding: 0.35 },
      marks: [
        Plot.barX(causes, { x1: 'from', x2: 'to', y: 'alert', fill: COLOURS.rule, insetTop: -4, insetBottom: -4 }),
        Plot.barX(of('pending'), {
          x1: 'from',
          x2: 'to',
          y: 'alert',
          fill: COLOURS.warn,
          fillOpacity: 0.35,
          stroke: COLOURS.warn,
        }),
        Plot.barX(of('firing'), { x1: 'from', x2: 'to', y: 'alert', fill: COLOURS.bad, fillOpacity: 0.75 }),
        Plot.text(marks, { x: 'at', y: 'alert', text: 'text', fill: 'currentColor', fontWeight: 'bold' }),
      ],
    }),
    [
      { label: 'the cause lasts', colour: COLOURS.rule },
      { label: 'pending', colour: COLOURS.warn, opacity: 0.35 },
      { label: 'firing', colour: COLOURS.bad, opacity: 0.75 },
    ],
  )
}
