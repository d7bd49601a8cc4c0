import { PanelBuilder as BarsBuilder } from '@grafana/grafana-foundation-sdk/bargauge'
import * as common from '@grafana/grafana-foundation-sdk/common'
import {
  BigValueGraphMode,
  GraphGradientMode,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode
} from '@grafana/grafana-foundation-sdk/common'
import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as NumberBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as StatesBuilder } from '@grafana/grafana-foundation-sdk/statetimeline'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as LinesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import type { Place } from '../dashboards/grid.ts'
import type { Limit, Panel, Query, Unit } from '../panels/panel.ts'
import { stateTexts, thresholds } from './limit.ts'
import { DATA_SOURCE } from './variables.ts'

export type GrafanaPanel = LinesBuilder | NumberBuilder | BarsBuilder | TableBuilder | StatesBuilder

/** Grafana's names of the units. */
const UNITS: Record<Unit, string> = {
  short: 'short',
  seconds: 's',
  bytes: 'bytes',
  percent: 'percentunit',
  'per-second': 'cps',
  currency: 'locale'
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: Grafana fills these variables in.
/** Opens the dashboard of the service that a line belongs to. */
const SERVICE_URL = '/d/bulkhead-${__field.labels.service}?${__all_variables}&${__url_time_range}'
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: Grafana fills these variables in.

/** Builds a panel of Grafana. `id` must be unique in its dashboard. */
export function grafanaPanel(panel: Panel, id: number, place: Place): GrafanaPanel {
  const { title, description, unit, queries, limit, max } = panel
  const builder = ofKind(panel)
    .id(id)
    .title(title)
    .description(description)
    .datasource(DATA_SOURCE)
    .gridPos(place)
    .unit(UNITS[unit])
  // What is left of a budget may be below 0.
  if (!limit?.isBadBelow) builder.min(0)
  if (max !== undefined) builder.max(max)
  if (limit) builder.thresholds(thresholds(limit))
  if (queries.some(({ legend }) => legend.includes('{{service}}'))) builder.dataLinks([serviceLink()])
  for (const [index, query] of queries.entries()) builder.withTarget(target(query, panel, index))
  return builder
}

function ofKind({ kind = 'timeseries', limit, isStacked = false, queries }: Panel): GrafanaPanel {
  switch (kind) {
    case 'stat':
      return new NumberBuilder().graphMode(BigValueGraphMode.Area).reduceOptions(latest())
    case 'bars':
      return new BarsBuilder().reduceOptions(latest())
    case 'table':
      return new TableBuilder().withTransformation(labelsAndValue(queries))
    case 'states':
      return new StatesBuilder().showValue(VisibilityMode.Never).mappings(limit ? [stateTexts(limit)] : [])
    case 'timeseries':
      return lines(isStacked, limit)
  }
}

function lines(isStacked: boolean, limit: Limit | undefined): LinesBuilder {
  const builder = new LinesBuilder()
    .lineWidth(1)
    .fillOpacity(isStacked ? 40 : 10)
    .gradientMode(GraphGradientMode.None)
    .showPoints(VisibilityMode.Never)
    .legend(legend())
    .tooltip(new common.VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
  if (isStacked) builder.stacking(new common.StackingConfigBuilder().mode(StackingMode.Normal))
  if (limit)
    builder.thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
  return builder
}

const legend = () =>
  new common.VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)

const latest = () => new common.ReduceDataOptionsBuilder().calcs(['lastNotNull'])

/** Hides the time of the rows of a table, and names the column of the values. */
const labelsAndValue = (queries: Query[]) => ({
  id: 'organize',
  options: { excludeByName: { Time: true }, renameByName: { Value: queries[0]!.legend } }
})

function target({ expr, legend }: Query, { kind, hasExemplars = false }: Panel, index: number): DataqueryBuilder {
  const query = new DataqueryBuilder()
    .refId(String.fromCharCode(A + index))
    .expr(expr)
    .legendFormat(legend)
  if (kind === 'table') return query.instant().format(PromQueryFormat.Table)
  return hasExemplars ? query.range().exemplar(true) : query.range()
}

/** The code of the first refId. */
const A = 'A'.charCodeAt(0)

const serviceLink = () =>
  new DashboardLinkBuilder('Dashboard of the service').type(DashboardLinkType.Link).url(SERVICE_URL)
