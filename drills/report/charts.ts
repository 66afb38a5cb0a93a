import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { AlertTimeline, OverloadResult, Series } from '../overload/overload-result.ts'
import { rate } from './table-model.ts'

const { document } = parseHTML('<html><body></body></html>')

/** The size of a drawing. Widths are in CSS pixels; `narrow` fits a screen of 390 without being scaled. */
interface Size {
  readonly width: number
  readonly fontSize: string
  readonly marginLeft: number
  readonly marginRight: number
}
const WIDE: Size = { width: 1000, fontSize: '13px', marginLeft: 56, marginRight: 16 }
const NARROW: Size = { width: 358, fontSize: '12px', marginLeft: 44, marginRight: 14 }

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

/** An entry of a legend. */
export interface Key {
  readonly label: string
  readonly colour: string
  /** From 0 to 1; 1 where absent. */
  readonly opacity?: number
}

/** A chart, drawn for a wide and for a narrow screen. */
export interface Chart {
  readonly title: string
  readonly keys: readonly Key[]
  /** SVG. */
  readonly wide: string
  /** SVG. */
  readonly narrow: string
}

/** Draws a chart in both sizes. `options` gets the size. */
export function draw(title: string, options: (size: Size) => Plot.PlotOptions, keys: readonly Key[] = []): Chart {
  const svg = (size: Size) => {
    const { width, marginLeft, marginRight, fontSize } = size
    const common = {
      width,
      marginLeft,
      marginRight,
      style: { fontSize },
      document: document as never,
      ariaLabel: title,
    }
    const drawn = Plot.plot({ ...common, ...options(size) })
    drawn.setAttribute('role', 'img')
    return drawn.outerHTML
  }
  return { title, keys, wide: svg(WIDE), narrow: svg(NARROW) }
}

/** Pixels of a second (or another unit of x) in a drawing whose x axis is `range` units long. */
const pixelsPer = (range: number, { width, marginLeft, marginRight }: Size) =>
  (width - marginLeft - marginRight) / range

/** The line of a series, at seconds since the begin. */
function line({ id, points }: Series, begin: number, colour: string): Mark {
  const relative = points.map(([at, value]) => ({ at: at - begin, value }))
  // A gap of more than five seconds is drawn as a gap.
  const drawn = relative.flatMap((point, i) => {
    const next = relative[i + 1]
    return next && next.at - point.at > 5 && id !== 'offered'
      ? [point, { at: point.at + 0.1, value: Number.NaN }]
      : [point]
  })
  return Plot.lineY(drawn, { x: 'at', y: 'value', stroke: colour, strokeWidth: 2 })
}

/** What the panels of a timeline share: the time axis, the phases and the marks. */
interface Axis {
  readonly begin: number
  readonly x: Plot.ScaleOptions
  /** Seconds of the x axis. */
  readonly length: number
  readonly ground: readonly Mark[]
}

function axisOf({ phases, alerts, marks }: OverloadResult, begin: number): Axis {
  const ends = [...phases.map(({ end }) => end), ...alerts.flatMap(({ states }) => states.map(({ at }) => at))]
  const length = Math.max(...ends) + 2 - begin
  const shaded = phases.map(phase => ({ from: phase.begin - begin, to: phase.end - begin }))
  return {
    begin,
    length,
    x: { domain: [0, length], label: null },
    ground: [
      Plot.rect(shaded, { x1: 'from', x2: 'to', fill: 'var(--phase)' }),
      Plot.ruleX(marks, { x: ({ at }) => at - begin, stroke: 'currentColor', strokeDasharray: '5 4' }),
    ],
  }
}

/** The panels on one time axis: load, latency, queue, event loop, replicas, the machine, and the states of the alerts. */
export function timeline(result: OverloadResult): Chart[] {
  const begin = result.phases[0]?.begin
  if (begin === undefined) return []
  const axis = axisOf(result, begin)
  const panel = (title: string, ids: Series['id'][], extra: Mark[] = [], options: Plot.PlotOptions = {}): Chart[] => {
    const shown = ids.flatMap(id => result.series.find(series => series.id === id) ?? [])
    if (shown.length === 0) return []
    const colour = (i: number) => (i === 0 ? COLOURS.first : COLOURS.second)
    const keys = shown.length > 1 ? shown.map((series, i) => ({ label: series.title, colour: colour(i) })) : []
    const plotted = () => ({
      height: 130,
      marginTop: 10,
      marginBottom: 22,
      x: axis.x,
      y: { label: null, zero: true, nice: true, ticks: 4 },
      ...options,
      marks: [
        ...axis.ground,
        Plot.gridY({ stroke: COLOURS.rule, strokeOpacity: 1 }),
        ...shown.map((series, i) => line(series, begin, colour(i))),
        ...extra,
      ],
    })
    return [draw(title, plotted, keys)]
  }
  const { before, after } = result.settings.replicas
  const share = { y: { label: null, domain: [0, 1], ticks: 2, tickFormat: '.0%' } }
  return [
    ...panel('Requests per second', ['offered', 'answered'], [phaseNames(result, begin)], {
      height: 200,
      marginTop: 58,
    }),
    ...panel('Latency, 95th percentile, in seconds', ['clientLatency', 'ownLatency'], objective(result), {
      height: 170,
    }),
    ...panel('Failed requests (share of the requests sent)', ['failed'], [], { height: 100, ...share }),
    ...panel('Requests in flight', ['inFlight']),
    ...panel('Event loop lag, 99th percentile, in seconds', ['eventLoopLag']),
    ...panel('Replicas that answer scrapes', ['replicas'], [markNames(result, begin)], {
      height: 100,
      y: { label: null, domain: [0, Math.max(before, after)], ticks: Math.max(before, after), tickFormat: 'd' },
    }),
    ...panel('CPU of the machine', ['nodeCPU', 'nodePressure'], [], { height: 100, ...share }),
    alertBars(result.alerts, axis),
  ]
}

/** The name, rate and replicas of each phase, above the first panel. */
const phaseNames = ({ phases }: OverloadResult, begin: number): Mark =>
  Plot.text(phases, {
    x: phase => (phase.begin + phase.end) / 2 - begin,
    text: ({ name, load, replicas }) => `${name}\n${rate(load.rate)}/s\n${replicas} replica${replicas > 1 ? 's' : ''}`,
    frameAnchor: 'top',
    lineAnchor: 'bottom',
    dy: -6,
  })

/** Labels of the dashed lines. */
const markNames = ({ marks }: OverloadResult, begin: number): Mark =>
  Plot.text(marks, {
    x: ({ at }) => at - begin,
    text: ({ label }) => `scaled: ${label}`,
    frameAnchor: 'top',
    lineAnchor: 'top',
    textAnchor: 'end',
    dx: -5,
    dy: 2,
  })

const objective = ({ settings: { latencyBound } }: OverloadResult): Mark[] => [
  Plot.ruleY([latencyBound], { stroke: COLOURS.bad, strokeDasharray: '2 3' }),
  Plot.text([latencyBound], {
    y: (bound: number) => bound,
    text: (bound: number) => `objective ${bound * 1000} ms`,
    frameAnchor: 'right',
    dy: -8,
    dx: -4,
    textAnchor: 'end',
    fill: COLOURS.bad,
  }),
]

/** When each alert was pending and firing, and when it was delivered and resolved. Watchdog always fires and is left out. */
function alertBars(alerts: readonly AlertTimeline[], { begin, x, length, ground }: Axis): Chart {
  const shown = alerts.filter(({ name }) => name !== 'Watchdog')
  const bars = shown.flatMap(({ name, spans }) =>
    spans.map(({ state, begin: from, end: to }) => ({ name, state, from: from - begin, to: to - begin })),
  )
  const moments = (state: AlertTimeline['states'][number]['state'], symbol: string) =>
    Plot.text(
      shown.flatMap(({ name, states }) =>
        states.filter(entry => entry.state === state).map(({ at }) => ({ name, at })),
      ),
      { x: ({ at }) => at - begin, y: 'name', text: () => symbol, dy: 16 },
    )
  const barsOf = (state: 'pending' | 'firing', style: Plot.BarXOptions) =>
    Plot.barX(
      bars.filter(bar => bar.state === state),
      { x1: 'from', x2: 'to', y: 'name', ...style },
    )
  return draw(
    'Alerts (▲ delivered, ✓ resolved)',
    size => ({
      height: 44 + 56 * Math.max(1, shown.length),
      marginTop: 8,
      marginBottom: 36,
      x,
      y: { domain: shown.map(({ name }) => name), label: null, axis: null, paddingInner: 0.73, paddingOuter: 0.4 },
      marks: [
        ...ground,
        barsOf('pending', { fill: COLOURS.warn, fillOpacity: 0.35, stroke: COLOURS.warn, strokeWidth: 1.5 }),
        barsOf('firing', { fill: COLOURS.bad }),
        Plot.text(
          bars.filter(({ from, to }) => (to - from) * pixelsPer(length, size) > LABEL_WIDTH),
          {
            x: ({ from, to }) => (from + to) / 2,
            y: 'name',
            text: 'state',
            fill: ({ state }) => (state === 'firing' ? COLOURS.onBar : 'currentColor'),
          },
        ),
        moments('delivered', '▲'),
        moments('resolved', '✓'),
        Plot.text(
          shown.map(({ name }) => name),
          {
            y: (name: string) => name,
            text: (name: string) => name,
            frameAnchor: 'left',
            textAnchor: 'start',
            dx: 4,
            dy: -18,
          },
        ),
        Plot.axisX({ anchor: 'bottom', label: 'seconds →' }),
      ],
    }),
    [
      { label: 'pending', colour: COLOURS.warn, opacity: 0.5 },
      { label: 'firing', colour: COLOURS.bad },
    ],
  )
}

/** Capacity by the number of replicas, and the rate that was offered in the overload. */
export function capacityChart({ capacities, phases }: OverloadResult): Chart[] {
  if (capacities.length === 0) return []
  const offered = phases.find(({ name }) => name === 'overload')?.load.rate
  const rows = capacities.map(capacity => ({
    name: `${capacity.replicas} replica${capacity.replicas > 1 ? 's' : ''}`,
    perSecond: capacity.rate,
  }))
  const most = Math.max(offered ?? 0, ...rows.map(({ perSecond }) => perSecond))
  const keys = [
    { label: 'capacity', colour: COLOURS.first },
    ...(offered === undefined ? [] : [{ label: `offered in the overload: ${rate(offered)}/s`, colour: COLOURS.bad }]),
  ]
  return [
    draw(
      'Capacity in requests per second',
      () => ({
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
          Plot.ruleX(offered === undefined ? [] : [offered], {
            stroke: COLOURS.bad,
            strokeWidth: 2,
            strokeDasharray: '5 4',
          }),
        ],
      }),
      keys,
    ),
  ]
}

/** The parts of each alert's detection, one after the other. */
export function detectionChart({ alerts }: OverloadResult): Chart[] {
  const shades = [0.2, 0.35, 0.5, 0.65]
  const rows = alerts.flatMap(({ name, detection }) => {
    let from = 0
    return (detection?.parts ?? []).map(({ seconds }, i) => {
      from += seconds
      return { name, from: from - seconds, to: from, shade: shades[i] ?? 1, seconds }
    })
  })
  if (rows.length === 0) return []
  const names = [...new Set(rows.map(({ name }) => name))]
  const length = Math.max(...rows.map(({ to }) => to))
  const parts = alerts.find(({ detection }) => detection)?.detection?.parts ?? []
  return [
    draw(
      'Seconds since the begin of the overload',
      size => ({
        height: 34 + 52 * names.length,
        marginTop: 8,
        marginBottom: 26,
        x: { label: null, domain: [0, length] },
        y: { label: null, axis: null, domain: names, paddingInner: 0.6, paddingOuter: 0.4 },
        marks: [
          Plot.barX(rows, {
            ...{ x1: 'from', x2: 'to', y: 'name' },
            fill: COLOURS.second,
            fillOpacity: 'shade',
            stroke: 'var(--ground)',
          }),
          Plot.text(
            rows.filter(({ seconds }) => seconds * pixelsPer(length, size) > LABEL_WIDTH),
            { x: ({ from, to }) => (from + to) / 2, y: 'name', text: ({ seconds }) => `${seconds.toFixed(1)} s` },
          ),
          Plot.text(names, {
            y: (name: string) => name,
            text: (name: string) => name,
            frameAnchor: 'left',
            textAnchor: 'start',
            dy: -19,
          }),
        ],
      }),
      parts.map(({ name }, i) => ({ label: name, colour: COLOURS.second, opacity: shades[i] ?? 1 })),
    ),
  ]
}
