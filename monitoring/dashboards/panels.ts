import {
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMap,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline'
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries'
import { NoUnit } from '@grafana/grafana-foundation-sdk/units'
import { DATASOURCE } from './variables.ts'

/** What every panel says. Expressions are PromQL; a legend may name labels as `{{label}}`. */
interface Content {
  readonly title: string
  /** How to read it, and when to worry. */
  readonly description: string
  readonly unit: string
  /** By its legend. */
  readonly queries: Readonly<Record<string, string>>
  /** In columns of 24. */
  readonly width: number
  /** Where it becomes bad, in its unit: at and above, or below. */
  readonly bound?: { readonly above: number } | { readonly below: number }
}

interface GraphContent extends Content {
  /** Top of the axis, where there is one. */
  readonly max?: number
  /** Fixed colours, by a regular expression of legends. */
  readonly colors?: Readonly<Record<string, string>>
}

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
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['last']))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))

/** The states of alerts over time: 1 is pending, 2 is firing. `calm` is the alert whose firing is good news. */
export const alertTimeline = ({ calm, ...content }: Omit<Content, 'unit'> & { readonly calm: string }) =>
  filled(new StateTimeline(), { ...content, unit: NoUnit }, 'text')
    .height(8)
    .showValue(VisibilityMode.Never)
    .mappings([states('red')])
    .overrideByName(calm, [{ id: 'mappings', value: [states('green')] }])

const states = (firing: string): ValueMap => ({
  type: MappingType.ValueToText,
  options: { 1: { text: 'pending', color: 'orange' }, 2: { text: 'firing', color: firing } },
})

/** Fills in what all kinds of panels share. */
function filled<Panel extends TimeSeries | Stat | StateTimeline>(
  panel: Panel,
  { title, description, unit, width, bound, queries }: Content,
  calmColor: string,
  ask = (query: DataqueryBuilder) => query.range(),
): Panel {
  panel.title(title).description(description).datasource(DATASOURCE).unit(unit).min(0).span(width)
  panel.thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps(bound, calmColor)))
  for (const [index, [legend, expr]] of Object.entries(queries).entries()) {
    const refId = String.fromCharCode(65 + index) // A, B, C, …
    panel.withTarget(ask(new DataqueryBuilder().refId(refId).legendFormat(legend).expr(expr)))
  }
  return panel
}

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
export const percent = (ratio: number) => `${ratio * 100}%`
