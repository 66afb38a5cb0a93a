import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { AlertLife, Series, Story } from '../story.ts'

const { document } = parseHTML('<html><body></body></html>')

/** One size for all, so that the panels' time axes stand under each other. */
const SIZE = { width: 1080, marginLeft: 64, marginRight: 190, style: { fontSize: '13px' } }

/** The colours; the page says what they are, in the light and in the dark. Names tell the lines apart, too. */
export const COLOURS = {
  first: 'var(--first)',
  second: 'var(--second)',
  bad: 'var(--bad)',
  warn: 'var(--warn)',
  rule: 'var(--faint)',
}

type Mark = Plot.Markish

/** A chart and what it shows, in words. */
export interface Chart {
  readonly title: string
  readonly svg: string
}

/** Draws a chart with its title. */
export function draw(title: string, options: Plot.PlotOptions): Chart {
  const svg = Plot.plot({ ...SIZE, ...options, document: document as never, ariaLabel: title })
  svg.setAttribute('role', 'img')
  return { title, svg: svg.outerHTML }
}

/** A line of a panel: its points at seconds since the begin, and its name at its end. */
function line(series: Series, begin: number, end: number, colour: string, lift: number): Mark[] {
  const points = series.points.map(([at, value]) => ({ at: at - begin, value, gap: 0 }))
  if (points.length === 0) return []
  const atItsEnd = Math.max(...points.slice(-2).map(({ value }) => value)) // what is offered ends with a fall to nothing
  // a hole of more than five seconds is drawn as one
  const drawn = points.flatMap((point, i) => {
    const next = points[i + 1]
    return next && next.at - point.at > 5 && series.id !== 'offered'
      ? [point, { ...point, at: point.at + 0.1, value: Number.NaN }]
      : [point]
  })
  return [
    Plot.lineY(drawn, { x: 'at', y: 'value', stroke: colour, strokeWidth: 2 }),
    Plot.text([{ at: end - begin, value: atItsEnd }], {
      x: 'at',
      y: 'value',
      text: [series.title],
      fill: colour,
      textAnchor: 'start',
      dx: 8,
      dy: lift,
      lineWidth: 13,
    }),
  ]
}

/** The panels on one axis of time: load, latency, queue, event loop, replicas, and the alerts' lives. */
export function timeline(story: Story): Chart[] {
  const begin = story.phases[0]?.begin
  if (begin === undefined) return []
  const ends = [
    ...story.phases.map(({ end }) => end),
    ...story.alerts.flatMap(({ states }) => states.map(({ at }) => at)),
  ]
  const end = Math.max(...ends) + 2
  const x = { domain: [0, end - begin], label: null }
  const find = (id: Series['id']) => story.series.find(series => series.id === id)
  const phases = story.phases.map(({ begin: from, end: to, title }) => ({ from: from - begin, to: to - begin, title }))
  const marks = story.marks.map(({ at, label }) => ({ at: at - begin, label }))

  const ground: Mark[] = [
    Plot.rect(phases, { x1: 'from', x2: 'to', fill: 'var(--phase)' }),
    Plot.gridY({ stroke: COLOURS.rule, strokeOpacity: 1 }),
    Plot.ruleX(marks, { x: 'at', stroke: 'currentColor', strokeDasharray: '5 4' }),
  ]
  const names: Mark[] = [
    Plot.text(phases, {
      x: ({ from, to }) => (from + to) / 2,
      text: 'title',
      frameAnchor: 'top',
      lineAnchor: 'bottom',
      dy: -8,
      lineWidth: 22,
    }),
    Plot.text(marks, {
      x: 'at',
      text: ({ label }) => `scaled: ${label}`,
      frameAnchor: 'top',
      dy: -34,
      textAnchor: 'middle',
    }),
  ]
  const panel = (title: string, ids: Series['id'][], extra: Mark[] = [], options: Plot.PlotOptions = {}) => {
    const lifts = ids.length > 1 ? [-9, 9] : [0]
    const ordered = ids.map(find).filter(series => series !== undefined)
    const lines = ordered.flatMap((series, i) =>
      line(series, begin, end, i === 0 ? COLOURS.first : COLOURS.second, lifts[i] ?? 0),
    )
    return draw(title, {
      height: 140,
      marginTop: 14,
      x,
      y: { label: null, zero: true, nice: true, ticks: 4 },
      ...options,
      marks: [...ground, ...lines, ...extra],
    })
  }
  const bound = story.settings.latencyBound
  const objective = [
    Plot.ruleY([bound], { stroke: COLOURS.bad, strokeDasharray: '2 3' }),
    Plot.text([bound], {
      y: (d: number) => d,
      text: () => `objective ${bound * 1000} ms`,
      frameAnchor: 'left',
      dy: -7,
      dx: 6,
      textAnchor: 'start',
      fill: COLOURS.bad,
    }),
  ]

  return [
    panel('Requests a second', ['offered', 'answered'], names, { height: 200, marginTop: 54 }),
    panel('95th percentile of the latency, in seconds', ['clientLatency', 'ownLatency'], objective, { height: 180 }),
    panel('Requests in flight', ['inFlight']),
    panel('Event loop lag, 99th percentile, in seconds', ['eventLoopLag']),
    panel('Replicas', ['replicas'], [], {
      height: 100,
      y: { label: null, domain: [0, story.settings.replicas.after], ticks: story.settings.replicas.after },
    }),
    alertBars(story, begin, x, ground),
  ]
}

/** The life of each alert: pending (hollow), firing (full), delivered and resolved. */
function alertBars({ alerts }: Story, begin: number, x: Plot.ScaleOptions, ground: Mark[]): Chart {
  const spans = alerts.flatMap(({ name, spans }) =>
    spans.map(span => ({ name, state: span.state, from: span.begin - begin, to: span.end - begin })),
  )
  const shown = alerts.filter(({ name }) => name !== 'Watchdog')
  const told = (state: AlertLife['states'][number]['state']) =>
    shown.flatMap(({ name, states }) =>
      states.filter(entry => entry.state === state).map(({ at }) => ({ name, at: at - begin })),
    )
  const bars = spans.filter(({ name }) => name !== 'Watchdog')
  const mark = (data: { name: string; at: number }[], text: string) =>
    Plot.text(data, { x: 'at', y: 'name', text: () => text, textAnchor: 'start', dx: -6, dy: -18 })
  const [, , rules] = ground
  return draw('Alerts: pending, firing, delivered, resolved', {
    height: 66 + 46 * Math.max(1, shown.length),
    marginTop: 20,
    marginBottom: 40,
    x: { ...x, label: 'seconds →' },
    y: { domain: shown.map(({ name }) => name), label: null, axis: null, padding: 0.45 },
    marks: [
      ground[0] ?? null,
      rules ?? null,
      Plot.barX(
        bars.filter(({ state }) => state === 'pending'),
        {
          x1: 'from',
          x2: 'to',
          y: 'name',
          fill: COLOURS.warn,
          fillOpacity: 0.35,
          stroke: COLOURS.warn,
          strokeWidth: 1.5,
        },
      ),
      Plot.barX(
        bars.filter(({ state }) => state === 'firing'),
        { x1: 'from', x2: 'to', y: 'name', fill: COLOURS.bad },
      ),
      Plot.text(
        bars.filter(({ from, to }) => to - from > 5),
        {
          x: ({ from, to }) => (from + to) / 2,
          y: 'name',
          text: 'state',
          fill: ({ state }) => (state === 'firing' ? 'var(--on-bad)' : 'currentColor'),
        },
      ),
      mark(told('delivered'), '▼ delivered'),
      mark(told('resolved'), '✓ resolved'),
      Plot.text(
        shown.map(({ name }) => name),
        { y: (name: string) => name, text: (name: string) => name, frameAnchor: 'right', textAnchor: 'start', dx: 8 },
      ),
      Plot.axisX({ anchor: 'bottom', label: 'seconds →' }),
    ],
  })
}

/** Capacity by the number of replicas, and what was offered. */
export function capacityChart({ capacities, phases }: Story): Chart[] {
  if (capacities.length === 0) return []
  const offered = phases.find(({ name }) => name === 'overload')?.load.rate
  const rows = capacities.map(({ replicas, rate }) => ({ name: `${replicas} replica${replicas > 1 ? 's' : ''}`, rate }))
  return [
    draw('Capacity by number of replicas', {
      height: 60 + 44 * rows.length,
      marginLeft: 90,
      marginTop: 26,
      marginBottom: 36,
      x: { label: 'requests/s →', domain: [0, Math.max(offered ?? 0, ...rows.map(({ rate }) => rate)) * 1.05] },
      y: { label: null, domain: rows.map(({ name }) => name), padding: 0.3 },
      marks: [
        Plot.barX(rows, { x: 'rate', y: 'name', fill: COLOURS.first }),
        Plot.text(rows, {
          x: 'rate',
          y: 'name',
          text: ({ rate }) => `${rate}/s`,
          textAnchor: 'end',
          dx: -8,
          fill: 'var(--on-bad)',
        }),
        ...(offered === undefined
          ? []
          : [
              Plot.ruleX([offered], { stroke: COLOURS.bad, strokeWidth: 2, strokeDasharray: '5 4' }),
              Plot.text([offered], {
                x: (d: number) => d,
                text: () => `offered in the overload: ${offered}/s`,
                frameAnchor: 'top',
                dy: -14,
                fill: COLOURS.bad,
              }),
            ]),
      ],
    }),
  ]
}

/** The parts of each alert's detection, one after the other. */
export function detectionChart({ alerts }: Story): Chart[] {
  const rows = alerts.flatMap(({ name, detection }) => {
    let from = 0
    return (detection?.parts ?? []).map(({ name: part, seconds }, i) => {
      from += seconds
      return { name, part, from: from - seconds, to: from, shade: 0.25 + 0.2 * i, seconds }
    })
  })
  if (rows.length === 0) return []
  return [
    draw('Detection time, part by part', {
      height: 60 + 88 * new Set(rows.map(({ name }) => name)).size,
      marginLeft: 160,
      marginTop: 20,
      marginBottom: 40,
      x: { label: 'seconds since the begin of the overload →', zero: true, nice: true },
      y: { label: null, padding: 0.65 },
      marks: [
        Plot.barX(rows, {
          x1: 'from',
          x2: 'to',
          y: 'name',
          fill: COLOURS.second,
          fillOpacity: 'shade',
          stroke: 'var(--ground)',
        }),
        Plot.text(
          rows.filter(({ seconds }) => seconds > 1.5),
          {
            x: ({ from, to }) => (from + to) / 2,
            y: 'name',
            text: ({ part, seconds }) => `${part.replace('overload to first', 'first')}\n${seconds.toFixed(1)} s`,
            dy: -19,
            lineWidth: 9,
            lineAnchor: 'bottom',
          },
        ),
      ],
    }),
  ]
}
