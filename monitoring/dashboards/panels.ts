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
import { NoUnit } from '@grafana/grafana-foundation-sdk/units'
import { PROFILES } from '../profiles.ts'
import { runbookUrl } from '../rule.ts'
import { alerts } from '../rules/rules.ts'
import { DATASOURCE } from './variables.ts'

/** What every panel says. Expressions are PromQL; a legend may name labels as `{{label}}`. */
interface Content {
  readonly title: string
  /** How to read it, and when to worry. Each alert that it names is linked to its runbook. */
  readonly description: string
  readonly unit: string
  /** By its legend. */
  readonly queries: Readonly<Record<string, string>>
  /** In columns of 24. */
  readonly width: number
  /** Where it becomes bad, in its unit: at and above, or below. */
  readonly bound?: { readonly above: number } | { readonly below: number }
  /** Whether it may be less than nothing. */
  readonly negative?: boolean
}

interface GraphContent extends Content {
  /** Top of the axis, where there is one. */
  readonly max?: number
  /** Fixed colours, by a regular expression of legends. */
  readonly colors?: Readonly<Record<string, string>>
}

type AnyPanel = TimeSeries | Stat | StateTimeline | BarGauge | Heatmap

/** Lines over time. The bound is a dashed line, and all beyond it is red. */
export function graph({ max, colors = {}, ...content }: GraphContent): TimeSeries {
  const panel = filled(new TimeSeries(), content, 'transparent')
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

/** One figure about the range that is shown; beyond its bound it is red. Its queries are asked for their last value only. */
export const figure = ({ decimals = 0, ...content }: Content & { readonly decimals?: number }): Stat =>
  filled(new Stat(), content, 'text', query => query.instant())
    .height(4)
    .graphMode(BigValueGraphMode.None)
    .decimals(decimals)
    .reduceOptions(last())
    .colorScheme(byThreshold())

/** A bar for each series, as it is at the end of the range that is shown. */
export const bars = (content: Content): BarGauge =>
  filled(new BarGauge(), content, 'blue', query => query.instant())
    .height(8)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .reduceOptions(last())
    .colorScheme(byThreshold())

/** How many, by the bounds of a histogram's buckets, over time. `axis` is the unit of the bounds. */
export const heatmap = ({ axis, ...content }: Omit<Content, 'bound'> & { readonly axis: string }): Heatmap =>
  filled(new Heatmap(), content, 'transparent', query => query.range().format(PromQueryFormat.Heatmap))
    .height(8)
    .yAxis(new YAxisConfigBuilder().unit(axis))

/** The states of alerts over time: 1 is pending, 2 is firing. `calm` is the alert whose firing is good news. */
export const alertTimeline = ({ calm, ...content }: Omit<Content, 'unit'> & { readonly calm: string }) =>
  timeline(content)
    .mappings([states({ 1: ['pending', 'orange'], 2: ['firing', 'red'] })])
    .overrideByName(calm, [{ id: 'mappings', value: [states({ 1: ['pending', 'orange'], 2: ['firing', 'green'] })] }])

/** Whether each thing is up over time. */
export const upTimeline = (content: Omit<Content, 'unit'>) =>
  timeline(content).mappings([states({ 0: ['down', 'red'], 1: ['up', 'green'] })])

const timeline = (content: Omit<Content, 'unit'>) =>
  filled(new StateTimeline(), { ...content, unit: NoUnit }, 'text')
    .height(12)
    .showValue(VisibilityMode.Never)

const states = (all: Readonly<Record<number, readonly [text: string, color: string]>>): ValueMap => ({
  type: MappingType.ValueToText,
  options: Object.fromEntries(Object.entries(all).map(([value, [text, color]]) => [value, { text, color }])),
})

const last = () => new ReduceDataOptionsBuilder().calcs(['last'])
const byThreshold = () => new FieldColorBuilder().mode(FieldColorModeId.Thresholds)

/** Fills in what all kinds of panels share. */
function filled<Panel extends AnyPanel>(
  panel: Panel,
  { title, description, unit, width, bound, negative, queries }: Content,
  calmColor: string,
  ask = (query: DataqueryBuilder) => query.range(),
): Panel {
  panel.title(title).description(description).datasource(DATASOURCE).unit(unit).span(width)
  if (!negative) panel.min(0)
  panel.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps(bound, calmColor)))
  panel.links(alertsNamed(description).map(toRunbook))
  for (const [index, [legend, expr]] of Object.entries(queries).entries()) {
    const refId = String.fromCharCode(65 + index) // A, B, C, …
    panel.withTarget(ask(new DataqueryBuilder().refId(refId).legendFormat(legend).expr(expr)))
  }
  return panel
}

const NAMES: readonly string[] = PROFILES.slice(0, 1)
  .flatMap(alerts)
  .map(({ name }) => name)

/** The alerts that a text names. One whose name is a word of English is meant where it fires. */
export const alertsNamed = (text: string): string[] =>
  NAMES.filter(name => new RegExp(/[a-z][A-Z]/.test(name) ? `\\b${name}\\b` : `\\b${name}\\b (fires|must)`).test(text))

const toRunbook = (alert: string) =>
  new DashboardLinkBuilder(`Runbook of ${alert}`).type(DashboardLinkType.Link).url(runbookUrl(alert)).targetBlank(true)

/** The first step has no value: it is the colour of all below the next. Grafana draws a line towards `transparent` in the other's colour. */
function steps(bound: Content['bound'], calm: string): Threshold[] {
  if (bound === undefined) return [{ value: null, color: calm }]
  const [value, below, above] = 'above' in bound ? [bound.above, calm, 'red'] : [bound.below, 'red', calm]
  return [
    { value: null, color: below },
    { value, color: above },
  ]
}

/** A ratio for a text: 0.05 is 5%. */
export const percent = (ratio: number) => `${Number((ratio * 100).toPrecision(6))}%`
