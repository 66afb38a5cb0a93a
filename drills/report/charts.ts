import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { DEMANDS } from '../overload/bounds.ts'
import type { AlertState, AlertTimeline, OverloadResult, Series } from '../overload/overload-result.ts'
import { rate, replicasOf } from './figures.ts'

const { document } = parseHTML('<html><body></body></html>')

/** The sizes of a drawing. Widths are in CSS pixels; the narrow one fits a screen of 390 without being scaled. */
const WIDE = { width: 1000, fontSize: '13px', marginLeft: 56, marginRight: 16 }
const NARROW: Size = { width: 358, fontSize: '12px', marginLeft: 44, marginRight: 14 }
type Size = typeof WIDE

/** Pixels that a label of an average length needs inside a bar. */
const LABEL_WIDTH = 52

/** The colours, by names that the page's style defines for light and dark. */
export const COLOURS = {
  first: 'var(--first)',
  second: 'var(--second)',
  bad: 'var(--bad)',
  warn: 'var(--warn)',
  rule: 'var(--faint)',
  onBar: 'var(--on-bar)',
}

type Mark = Plot.Markish

/** An entry of a legend, and the look of what it names. */
export interface Key {
  readonly label: string
  readonly colour: string
  /** From 0 to 1; 1 where absent. */
  readonly opacity?: number
  readonly outline?: string
}

/** A chart, drawn as SVG for a wide and for a narrow screen. */
export interface Chart {
  readonly title: string
  readonly keys: readonly Key[]
  readonly wide: string
  readonly narrow: string
}

/** Draws a chart in both sizes. `options` gets the size. */
export function draw(title: string, keys: readonly Key[], options: (size: Size) => Plot.PlotOptions): Chart {
  const svg = (size: Size) => {
    const { fontSize, ...area } = size
    const common = { ...area, style: { fontSize }, document: document as never, ariaLabel: title }
    const drawn = Plot.plot({ ...common, ...options(size) })
    drawn.setAttribute('role', 'img')
    return drawn.outerHTML
  }
  return { title, keys, wide: svg(WIDE), narrow: svg(NARROW) }
}

/** A bar of a row, from one value of x to another. The text is shown where the bar is wide enough. */
export interface Bar {
  readonly row: string
  readonly from: number
  readonly to: number
  readonly key: Key
  readonly text?: string
}

export const barMark = (bars: readonly Bar[]): Mark =>
  Plot.barX(bars, {
    x1: 'from',
    x2: 'to',
    y: 'row',
    fill: ({ key }) => key.colour,
    fillOpacity: ({ key }) => key.opacity ?? 1,
    stroke: ({ key }) => key.outline ?? 'none', // Plot leaves out what has no stroke
    strokeWidth: 1.5,
  })

/** The bars of an alert's states. */
export const STATE_KEYS = {
  pending: { label: 'pending', colour: COLOURS.warn, opacity: 0.35, outline: COLOURS.warn },
  firing: { label: 'firing', colour: COLOURS.bad, opacity: 1 },
} as const satisfies Record<AlertTimeline['spans'][number]['state'], Key>

/** A time axis in seconds, from 0 to `length`; 0 is the Unix time `begin`. */
const timeAxis = (begin: number, length: number) => ({
  domain: [0, length] as const,
  transform: (at: number) => at - begin,
})

/** Bars in rows, with the name of each row above its bars. */
const barChart = (
  title: string,
  rows: readonly string[],
  bars: readonly Bar[],
  keys: readonly Key[],
  x: ReturnType<typeof timeAxis>,
  { ground = [], over = [] }: { readonly ground?: readonly Mark[]; readonly over?: readonly Mark[] } = {},
): Chart =>
  draw(title, keys, ({ width, marginLeft, marginRight }) => ({
    height: 44 + 56 * Math.max(1, rows.length),
    marginTop: 8,
    marginBottom: 36,
    x: { ...x, label: 'seconds →' },
    y: { domain: rows, label: null, axis: null, paddingInner: 0.73, paddingOuter: 0.4 },
    marks: [
      ...ground,
      barMark(bars),
      Plot.text(
        bars.filter(({ from, to }) => ((to - from) * (width - marginLeft - marginRight)) / x.domain[1] > LABEL_WIDTH),
        {
          x: ({ from, to }) => (from + to) / 2,
          y: 'row',
          text: 'text',
          fill: ({ key }) => (key === STATE_KEYS.firing ? COLOURS.onBar : 'currentColor'),
        },
      ),
      ...over,
      Plot.text(rows, { y: row => row, text: row => row, frameAnchor: 'left', textAnchor: 'start', dx: 4, dy: -18 }),
    ],
  }))

/** The line of a series. A gap of more than five seconds is drawn as a gap. */
function line({ id, points }: Series, colour: string): Mark {
  const drawn = points.flatMap(([at, value], i) => {
    const [next] = points[i + 1] ?? [at]
    const isGap = next - at > 5 && id !== 'offered'
    return isGap
      ? [
          { at, value },
          { at: at + 0.1, value: Number.NaN },
        ]
      : [{ at, value }]
  })
  return Plot.lineY(drawn, { x: 'at', y: 'value', stroke: colour, strokeWidth: 2 })
}

/** The panels on one time axis: load, latency, queue, event loop, replicas, the machine, and the states of the alerts. */
export function timeline(result: OverloadResult): Chart[] {
  const { phases, alerts, marks, settings } = result
  const begin = phases[0]?.begin
  if (begin === undefined) return []
  const ends = [...phases.map(({ end }) => end), ...alerts.flatMap(({ states }) => states.map(({ at }) => at))]
  const x = timeAxis(begin, Math.max(...ends) + 2 - begin)
  const ground = [
    Plot.rect(phases, { x1: 'begin', x2: 'end', fill: 'var(--phase)' }),
    Plot.ruleX(marks, { x: 'at', stroke: 'currentColor', strokeDasharray: '5 4' }),
  ]
  const panel = (title: string, ids: Series['id'][], options: Plot.PlotOptions = {}): Chart[] => {
    const shown = ids.flatMap(id => result.series.find(series => series.id === id) ?? [])
    if (shown.length === 0) return []
    const keys = shown.map(({ title }, i) => ({ label: title, colour: i === 0 ? COLOURS.first : COLOURS.second }))
    const plotted = {
      height: 130,
      marginTop: 10,
      marginBottom: 22,
      x: { ...x, label: null },
      y: { label: null, zero: true, nice: true, ticks: 4 },
      ...options,
      marks: [
        ...ground,
        Plot.gridY({ stroke: COLOURS.rule, strokeOpacity: 1 }),
        ...shown.map((series, i) => line(series, keys[i]?.colour ?? '')),
        ...(options.marks ?? []),
      ],
    }
    return [draw(title, keys.length > 1 ? keys : [], () => plotted)]
  }
  const most = Math.max(settings.replicas.before, settings.replicas.after)
  const share = { height: 100, y: { label: null, domain: [0, 1], ticks: 2, tickFormat: '.0%' } }
  return [
    ...panel('Requests per second', ['offered', 'answered'], {
      height: 200,
      marginTop: 58,
      marks: [phaseNames(phases)],
    }),
    ...panel('Latency, 95th percentile, in seconds', ['clientLatency', 'ownLatency'], {
      height: 170,
      marks: OBJECTIVE,
    }),
    ...panel('Failed requests (share of the requests sent)', ['failed'], share),
    ...panel('Requests in flight', ['inFlight']),
    ...panel('Event loop lag, 99th percentile, in seconds', ['eventLoopLag']),
    ...panel('CPU of the replicas, in cores', ['replicaCPU']),
    ...panel('Replicas that answer scrapes', ['replicas'], {
      height: 100,
      y: { label: null, domain: [0, most], ticks: most, tickFormat: 'd' },
      marks: [markNames(marks)],
    }),
    ...panel('CPU of the machine', ['nodeCPU', 'nodePressure'], share),
    alertBars(alerts, x, ground),
  ]
}

/** The name, rate and replicas of each phase, above the first panel. */
const phaseNames = (phases: OverloadResult['phases']): Mark =>
  Plot.text(phases, {
    x: ({ begin, end }) => (begin + end) / 2,
    text: ({ name, load, replicas }) => `${name}\n${rate(load.rate)}/s\n${replicasOf(replicas)}`,
    frameAnchor: 'top',
    lineAnchor: 'bottom',
    dy: -6,
  })

/** Labels of the dashed lines. */
const markNames = (marks: OverloadResult['marks']): Mark =>
  Plot.text(marks, {
    x: 'at',
    text: ({ label }) => `scaled: ${label}`,
    frameAnchor: 'top',
    lineAnchor: 'top',
    textAnchor: 'end',
    dx: -5,
    dy: 2,
  })

const OBJECTIVE: Mark[] = [
  Plot.ruleY([DEMANDS.latency], { stroke: COLOURS.bad, strokeDasharray: '2 3' }),
  Plot.text([`objective ${DEMANDS.latency * 1000} ms`], {
    y: () => DEMANDS.latency,
    text: (text: string) => text,
    frameAnchor: 'right',
    dy: -8,
    dx: -4,
    textAnchor: 'end',
    fill: COLOURS.bad,
  }),
]

/** When each alert was pending and firing, and when it was delivered and resolved. Watchdog always fires and is left out. */
function alertBars(alerts: readonly AlertTimeline[], x: ReturnType<typeof timeAxis>, ground: readonly Mark[]): Chart {
  const shown = alerts.filter(({ name }) => name !== 'Watchdog')
  const bars = shown.flatMap(({ name, spans }) =>
    spans.map(({ state, begin, end }) => ({ row: name, from: begin, to: end, key: STATE_KEYS[state], text: state })),
  )
  const moments = shown.flatMap(({ name, states }) =>
    states.map(({ state, at }) => ({ name, at, text: SYMBOLS[state] })),
  )
  const over = [Plot.text(moments, { x: 'at', y: 'name', text: 'text', dy: 16 })]
  const rows = shown.map(({ name }) => name)
  const keys = [{ ...STATE_KEYS.pending, opacity: 0.5 }, STATE_KEYS.firing]
  return barChart('Alerts (▲ delivered, ✓ resolved)', rows, bars, keys, x, { ground, over })
}

/** Symbols of the states that are no bars. */
const SYMBOLS: Partial<Record<AlertState, string>> = { delivered: '▲', resolved: '✓' }

/** Capacity by the number of replicas, and the rate that was offered in the overload. */
export function capacityChart({ capacities, phases }: OverloadResult): Chart[] {
  if (capacities.length === 0) return []
  const offered = phases.filter(({ name }) => name === 'overload').map(({ load }) => load.rate)
  const rows = capacities.map(capacity => ({ name: replicasOf(capacity.replicas), perSecond: capacity.rate }))
  const most = Math.max(...offered, ...rows.map(({ perSecond }) => perSecond))
  const keys = [
    { label: 'capacity', colour: COLOURS.first },
    ...offered.map(each => ({ label: `offered in the overload: ${rate(each)}/s`, colour: COLOURS.bad })),
  ]
  const plotted = {
    height: 34 + 42 * rows.length,
    marginLeft: 76,
    marginTop: 4,
    marginBottom: 28,
    x: { label: null, domain: [0, most * 1.05] },
    y: { label: null, domain: rows.map(({ name }) => name), padding: 0.3 },
    marks: [
      Plot.barX(rows, { x: 'perSecond', y: 'name', fill: COLOURS.first }),
      Plot.text(rows, {
        x: 0,
        y: 'name',
        text: ({ perSecond }) => `${rate(perSecond)}/s`,
        textAnchor: 'start',
        dx: 8,
        fill: COLOURS.onBar,
      }),
      Plot.ruleX(offered, { stroke: COLOURS.bad, strokeWidth: 2, strokeDasharray: '5 4' }),
    ],
  }
  return [draw('Capacity in requests per second', keys, () => plotted)]
}

/** The parts of each alert's detection, one after the other. */
export function detectionChart({ alerts }: OverloadResult): Chart[] {
  const keys = new Map<string, Key>()
  const bars: Bar[] = []
  for (const { name: row, detection } of alerts) {
    let from = 0
    for (const { name, seconds } of detection?.parts ?? []) {
      const opacity = 0.2 + 0.15 * keys.size
      if (!keys.has(name)) keys.set(name, { label: name, colour: COLOURS.second, opacity, outline: 'var(--ground)' })
      bars.push({ row, from, to: from + seconds, key: keys.get(name) as Key, text: `${seconds.toFixed(1)} s` })
      from += seconds
    }
  }
  if (bars.length === 0) return []
  const rows = [...new Set(bars.map(({ row }) => row))]
  const length = Math.max(...bars.map(({ to }) => to))
  return [barChart('Seconds since the start of the overload', rows, bars, [...keys.values()], timeAxis(0, length))]
}
