import type { Dashboard as GrafanaDashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { Dashboard } from '../dashboards/dashboard.ts'
import { type PlacedRow, placeRows } from '../dashboards/grid.ts'
import { withoutDefaults } from './defaults.ts'
import { grafanaPanel } from './panel.ts'
import { rolloutMarks, variables } from './variables.ts'

/** All dashboards of Bulkhead have this tag, by which they link to each other. */
const TAG = 'bulkhead'

/** Builds the JSON model of a dashboard, which Grafana 10 and newer read. */
export function grafanaDashboard({ uid, title, description, rows }: Dashboard): GrafanaDashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .variables(variables())
    .annotation(rolloutMarks())
    .link(otherDashboards())
  const ids = counter()
  for (const row of placeRows(rows)) addRow(builder, row, ids)
  return withoutDefaults(builder.build())
}

function addRow(builder: DashboardBuilder, { row, place, panels }: PlacedRow, nextId: () => number) {
  const heading = new RowBuilder(row.title).id(nextId()).gridPos(place)
  const built = panels.map(({ panel, place }) => grafanaPanel(panel, nextId(), place))
  if (row.isCollapsed) {
    heading.collapsed(true)
    for (const panel of built) heading.withPanel(panel)
  }
  builder.withRow(heading)
  if (!row.isCollapsed) for (const panel of built) builder.withPanel(panel)
}

const otherDashboards = () =>
  new DashboardLinkBuilder('Dashboards')
    .type(DashboardLinkType.Dashboards)
    .tags([TAG])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true)

function counter() {
  let last = 0
  return () => ++last
}
