import {
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  ReduceDataOptionsBuilder,
  SortOrder,
  TableCellDisplayMode,
  TableSortByFieldStateBuilder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
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
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries'
import { DateTimeFromNow, LocaleFormat, NoUnit, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import { catalogue } from '../../src/telemetry/catalogue.ts'
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

/** A count, in whole numbers. */
export const COUNT = LocaleFormat

/** A unit that says what is counted: `unitOf('pages/s')` is shown as `3 pages/s`. */
export const unitOf = (counted: string) => `suffix:${counted}`

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
  /** What the panel shows instead of "No data" while there are no series, if that is a normal state. */
  readonly empty?: string
  /** Threshold in the panel's unit: values at or above it, or below it, are red. `alert` fires beyond it. */
  readonly bound?: ({ readonly above: number } | { readonly below: number }) & { readonly alert?: string }
  readonly mayBeNegative?: boolean
}

interface GraphContent extends PanelContent {
  /** Maximum of the value axis. */
  readonly max?: number
  /** The value to which the axis reaches while all values are below. Default: by bound and unit. */
  readonly softMax?: number
  /** Fixed colours by legend, which is read as a regular expression. */
  readonly colors?: Readonly<Record<string, string>>
}

interface TableContent extends PanelContent {
  /** Titles of the labels' columns, in their order. The columns of the values follow; their titles are the legends. */
  readonly columns: Readonly<Record<string, string>>
  /** Titles of the columns in their order, the most urgent first: a phone shows about three. Default: labels, then values. */
  readonly order?: readonly string[]
  /** Title of the column of long names. */
  readonly wide?: string
  /** Titles of the columns by which rows are sorted, ascending. Default: the first values, descending. */
  readonly sortedBy?: readonly string[]
  /** Colours of the words in narrow columns, by the column's title. */
  readonly colors?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly empty: string
}

export type AnyPanel = TimeSeries | Stat | StateTimeline | Table | Heatmap

/** Lines over time, with a dashed line at the bound. */
export const graph =
  ({ max, softMax, colors = {}, ...content }: GraphContent) =>
  (): TimeSeries => {
    const panel = withContent(new TimeSeries(), content, 'transparent')
      .height(7)
      .legend(new VizLegendOptionsBuilder().showLegend(true))
      .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
      .showPoints(VisibilityMode.Never)
      .fillOpacity(10) // percent
      .thresholdsStyle(
        new GraphThresholdsStyleConfigBuilder().mode(
          content.bound && !isMinimumCount(content) ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off,
        ),
      )
    if (max === undefined) panel.axisSoftMax(softMax ?? softMaximum(content))
    else panel.max(max)
    // Every route, status and type exists at zero. In the legend, those at zero would leave no room for the graph.
    if (Object.keys(content.queries).some(legend => OWN_LABELS.some(label => legend.includes(label))))
      panel.withOverride({
        matcher: { id: 'byValue', options: { reducer: 'max', op: 'lte', value: 0 } },
        properties: [{ id: 'custom.hideFrom', value: { legend: true, tooltip: true, viz: false } }],
      })
    for (const [legend, fixedColor] of Object.entries(colors))
      panel.overrideByRegexp(legend, [{ id: 'color', value: { mode: FieldColorModeId.Fixed, fixedColor } }])
    return panel
  }

/** `{{label}}` of each label of the catalogue, as in legends. */
export const OWN_LABELS = [catalogue.requests, catalogue.exceptions].flatMap(({ labels }) =>
  Object.values(labels).map(label => `{{${label}}}`),
)

/** A count at its minimum is healthy: a line there would be under the dashes of the bound. */
const isMinimumCount = ({ bound, unit }: PanelContent) => bound !== undefined && 'below' in bound && unit === COUNT

/** The value to which the axis reaches while all values are below: the bound is in sight, and 0 is at the bottom. */
function softMaximum({ bound, unit }: PanelContent): number {
  if (bound !== undefined && 'above' in bound) return 1.2 * bound.above
  return unit === Seconds ? 0.3 : 1
}

/** One number about the whole time range, from instant queries. Beyond its bound it is red. */
export const figure = (content: PanelContent & { readonly decimals?: number }) => (): Stat => {
  const panel = withContent(new Stat(), content, 'text', query => query.instant())
  if (content.decimals !== undefined) panel.decimals(content.decimals)
  return panel.height(3).graphMode(BigValueGraphMode.None).reduceOptions(lastValue()).colorScheme(byThreshold())
}

/** Minimum widths of columns in pixels: three columns fit a phone. */
const COLUMN_WIDTHS = { names: 150, others: 108 }

/** Width in pixels of a column of short words: of its title and the arrow of the order, as measured in Grafana 12.3. */
const wordsWidth = (title: string) => 28 + 8.5 * title.length

/**
 * A row for each series at the end of the time range, from instant queries. Series of several queries with the same
 * labels share a row. The bound is that of the last column.
 */
export const table =
  ({ columns, order, wide, sortedBy, colors = {}, ...content }: TableContent) =>
  (): Table => {
    const values = Object.keys(content.queries)
    const [first = '', last = first] = [values[0], values.at(-1)]
    // names that Grafana gives the values, with one query and with several
    const names = values.map((title, index): [string, string] => [
      values.length === 1 ? 'Value' : `Value #${refId(index)}`,
      title,
    ])
    const titles: Record<string, string> = Object.fromEntries([...Object.entries(columns), ...names])
    const position = (title: string, index: number) => order?.indexOf(title) ?? index
    const positions = Object.entries(titles).map(([name, title], index) => [name, position(title, index)])
    const panel = withContent(new Table(), content, 'text', query => query.instant().format(PromQueryFormat.Table))
    const colored = { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } }
    if (content.bound)
      panel.overrideByName(last, [colored, { id: 'color', value: { mode: FieldColorModeId.Thresholds } }])
    // cut at its end on a phone, not at its begin
    if (content.unit === DateTimeFromNow) panel.overrideByName(last, [{ id: 'custom.align', value: 'left' }])
    for (const title of Object.values(columns)) panel.overrideByName(title, [{ id: 'unit', value: 'string' }])
    for (const [title, words] of Object.entries(colors)) {
      const mapping = valueMap(Object.fromEntries(Object.entries(words).map(([word, color]) => [word, { color }])))
      panel.overrideByName(title, [
        colored,
        { id: 'mappings', value: [mapping] },
        { id: 'custom.width', value: wordsWidth(title) },
      ])
    }
    if (wide) panel.overrideByName(wide, [{ id: 'custom.minWidth', value: COLUMN_WIDTHS.names }])
    if (values.length > 1) panel.withTransformation({ id: 'merge', options: {} })
    return panel
      .height(7)
      .minWidth(COLUMN_WIDTHS.others)
      .withTransformation({
        id: 'organize',
        options: { excludeByName: { Time: true }, renameByName: titles, indexByName: Object.fromEntries(positions) },
      })
      .sortBy(
        (sortedBy ?? [first]).map(title =>
          new TableSortByFieldStateBuilder().displayName(title).desc(sortedBy === undefined),
        ),
      )
  }

/** Counts by histogram bucket over time. `axis` is the unit of the bucket bounds. */
export const heatmap =
  ({ axis, ...content }: Omit<PanelContent, 'bound'> & { readonly axis: string }) =>
  (): Heatmap =>
    withContent(new Heatmap(), content, 'transparent', query => query.range().format(PromQueryFormat.Heatmap))
      .height(7)
      .yAxis(new YAxisConfigBuilder().unit(axis).decimals(0))

/** State of alerts over time: 1 is pending, 2 is firing. The alert `alwaysFiring` is green when it fires. */
export const alertTimeline =
  ({ alwaysFiring, ...content }: Omit<PanelContent, 'unit'> & { readonly alwaysFiring: string }) =>
  (): StateTimeline => {
    const pending = { text: 'pending', color: 'orange' }
    const mapping = (text: string, color: string) => valueMap({ 1: pending, 2: { text, color } })
    return timeline(content)
      .height(9)
      .legend(new VizLegendOptionsBuilder().showLegend(true))
      .mappings([mapping('firing', 'red')])
      .overrideByName(alwaysFiring, [{ id: 'mappings', value: [mapping('firing, as it must', 'green')] }])
  }

/** Up (1) or down (0) over time. */
export const upTimeline = (content: Omit<PanelContent, 'unit'>) => (): StateTimeline =>
  timeline(content)
    .height(6)
    .mappings([valueMap({ 0: { text: 'down', color: 'red' }, 1: { text: 'up', color: 'green' } })])

const timeline = (content: Omit<PanelContent, 'unit'>) =>
  withContent(new StateTimeline(), { ...content, unit: NoUnit }, 'text')
    .showValue(VisibilityMode.Never)
    .legend(new VizLegendOptionsBuilder().showLegend(false))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Fixed)) // the default, a scale, has no legend

const valueMap = (options: ValueMap['options']): ValueMap => ({ type: MappingType.ValueToText, options })

const lastValue = () => new ReduceDataOptionsBuilder().calcs(['last'])
const byThreshold = () => new FieldColorBuilder().mode(FieldColorModeId.Thresholds)

/** Sets what all kinds of panels have in common. `color` is the colour of values within the bound. */
function withContent<Panel extends AnyPanel>(
  panel: Panel,
  { title, shows, worry, alerts = {}, unit, empty, bound, mayBeNegative, queries }: PanelContent,
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
  if (unit === COUNT) panel.decimals(0)
  if (empty !== undefined) panel.noValue(empty)
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
    panel.withTarget(ask(new DataqueryBuilder().refId(refId(index)).legendFormat(legend).expr(expr)))
  }
  return panel
}

/** A, B, C, … */
const refId = (index: number) => String.fromCharCode(65 + index)

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
