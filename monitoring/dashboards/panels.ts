import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge'
import {
  BarGaugeDisplayMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMap,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as Heatmap, YAxisConfigBuilder } from '@grafana/grafana-foundation-sdk/heatmap'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline'
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries'
import { NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { runbookUrl } from '../rule.ts'
import { DATASOURCE } from './dashboard-variables.ts'

/** Per-second rate of a counter. Grafana's rate interval is at least four scrape intervals. */
export const rate = (counter: string) => `rate(${counter}[$__rate_interval])`

/** Increase of a counter over the time range of the dashboard. */
export const increase = (counter: string) => `increase(${counter}[$__range])`

/** Quantile (0 to 1) of a histogram, in the unit of its buckets. */
export const quantile = (q: number, buckets: string) => `histogram_quantile(${q}, ${buckets})`

/** A ratio as text: 0.05 is 5%. */
export const percent = (ratio: number) => `${Number((ratio * 100).toPrecision(6))}%`

interface PanelContent {
  readonly title: string
  /** What the values are, in one sentence. */
  readonly shows: string
  /** What is normal, or when to worry. */
  readonly worry: string
  /** When alerts on these values fire, by their names, except the alert of {@link bound}. Each runbook is linked. */
  readonly alerts?: Readonly<Record<string, string>>
  readonly unit: string
  /** PromQL by legend; a legend may contain labels as `{{label}}`. */
  readonly queries: Readonly<Record<string, string>>
  /** In columns; a row has 24. Default: 8. */
  readonly width?: number
  /** Threshold in the panel's unit: values at or above it, or below it, are red. `alert` fires beyond it. */
  readonly bound?: ({ readonly above: number } | { readonly below: number }) & { readonly alert?: string }
  readonly mayBeNegative?: boolean
}

interface GraphContent extends PanelContent {
  /** Maximum of the value axis. */
  readonly max?: number
  /** Fixed colours by legend, which is read as a regular expression. */
  readonly colors?: Readonly<Record<string, string>>
}

type AnyPanel = TimeSeries | Stat | StateTimeline | BarGauge | Heatmap

/** Lines over time, with a dashed line at the bound. */
export const graph =
  ({ max, colors = {}, ...content }: GraphContent) =>
  (): TimeSeries => {
    const panel = withContent(new TimeSeries(), content, 'transparent')
      .height(8)
      .legend(new VizLegendOptionsBuilder().showLegend(true))
      .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
      .showPoints(VisibilityMode.Never)
      .fillOpacity(10) // percent
      .thresholdsStyle(
        new GraphThresholdsStyleConfigBuilder().mode(
          content.bound ? GraphThresholdsStyleMode.DashedAndArea : GraphThresholdsStyleMode.Off,
        ),
      )
    if (max !== undefined) panel.max(max)
    for (const [legend, fixedColor] of Object.entries(colors))
      panel.overrideByRegexp(legend, [{ id: 'color', value: { mode: FieldColorModeId.Fixed, fixedColor } }])
    return panel
  }

/** One number about the whole time range, from instant queries. Beyond its bound it is red. */
export const figure =
  ({ decimals = 0, ...content }: PanelContent & { readonly decimals?: number }) =>
  (): Stat =>
    withContent(new Stat(), content, 'text', query => query.instant())
      .height(4)
      .graphMode(BigValueGraphMode.None)
      .decimals(decimals)
      .reduceOptions(lastValue())
      .colorScheme(byThreshold())

/** A bar for the value of each series at the end of the time range, from instant queries. */
export const bars = (content: PanelContent) => (): BarGauge =>
  withContent(new BarGauge(), content, 'blue', query => query.instant())
    .height(8)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .reduceOptions(lastValue())
    .colorScheme(byThreshold())

/** Counts by histogram bucket over time. `axis` is the unit of the bucket bounds. */
export const heatmap =
  ({ axis, ...content }: Omit<PanelContent, 'bound'> & { readonly axis: string }) =>
  (): Heatmap =>
    withContent(new Heatmap(), content, 'transparent', query => query.range().format(PromQueryFormat.Heatmap))
      .height(8)
      .yAxis(new YAxisConfigBuilder().unit(axis))

/** State of alerts over time: 1 is pending, 2 is firing. The alert `alwaysFiring` is green when it fires. */
export const alertTimeline =
  ({ alwaysFiring, ...content }: Omit<PanelContent, 'unit'> & { readonly alwaysFiring: string }) =>
  (): StateTimeline => {
    const pending = { text: 'pending', color: 'orange' }
    const mapping = (color: string) => valueMap({ 1: pending, 2: { text: 'firing', color } })
    return timeline(content)
      .mappings([mapping('red')])
      .overrideByName(alwaysFiring, [{ id: 'mappings', value: [mapping('green')] }])
  }

/** Up (1) or down (0) over time. */
export const upTimeline = (content: Omit<PanelContent, 'unit'>) => (): StateTimeline =>
  timeline(content).mappings([valueMap({ 0: { text: 'down', color: 'red' }, 1: { text: 'up', color: 'green' } })])

const timeline = (content: Omit<PanelContent, 'unit'>) =>
  withContent(new StateTimeline(), { ...content, unit: NoUnit }, 'text')
    .height(12)
    .showValue(VisibilityMode.Never)

const valueMap = (options: ValueMap['options']): ValueMap => ({ type: MappingType.ValueToText, options })

const lastValue = () => new ReduceDataOptionsBuilder().calcs(['last'])
const byThreshold = () => new FieldColorBuilder().mode(FieldColorModeId.Thresholds)

/** Sets what all kinds of panels have in common. `color` is the colour of values within the bound. */
function withContent<Panel extends AnyPanel>(
  panel: Panel,
  { title, shows, worry, alerts = {}, unit, width = 8, bound, mayBeNegative, queries }: PanelContent,
  color: string,
  ask = (query: DataqueryBuilder) => query.range(),
): Panel {
  const conditions = { ...(bound?.alert && { [bound.alert]: boundAsText(bound, unit) }), ...alerts }
  const sentences = Object.entries(conditions).map(([alert, condition]) => `${alert} fires ${condition}.`)
  panel
    .title(title)
    .description([shows, worry, ...sentences].join(' '))
    .datasource(DATASOURCE)
    .unit(unit)
    .span(width)
  if (!mayBeNegative) panel.min(0)
  panel.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(thresholds(bound, color)))
  panel.links(
    Object.keys(conditions).map(alert =>
      new DashboardLinkBuilder(`Runbook of ${alert}`)
        .type(DashboardLinkType.Link)
        .url(runbookUrl(alert))
        .targetBlank(true),
    ),
  )
  for (const [index, [legend, expr]] of Object.entries(queries).entries()) {
    const refId = String.fromCharCode(65 + index) // A, B, C, …
    panel.withTarget(ask(new DataqueryBuilder().refId(refId).legendFormat(legend).expr(expr)))
  }
  return panel
}

/** A bound as text: `above 5%`, `above 0.25 s`. */
function boundAsText(bound: NonNullable<PanelContent['bound']>, unit: string): string {
  const [side, value] = 'above' in bound ? ['above', bound.above] : ['below', bound.below]
  return `${side} ${unit === PercentUnit ? percent(value) : unit === Seconds ? `${value} s` : value}`
}

/** The value `null` is minus infinity. Grafana draws a line next to `transparent` in the other threshold's colour. */
function thresholds(bound: PanelContent['bound'], color: string): Threshold[] {
  if (bound === undefined) return [{ value: null, color }]
  if ('above' in bound)
    return [
      { value: null, color },
      { value: bound.above, color: 'red' },
    ]
  return [
    { value: null, color: 'red' },
    { value: bound.below, color },
  ]
}
