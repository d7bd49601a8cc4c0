import type { Dashboard } from '../../packages/monitoring/src/dashboards/dashboard.ts'
import { NEW_VERSIONS } from '../../packages/monitoring/src/grafana/variables.ts'
import type { Panel } from '../../packages/monitoring/src/panels/panel.ts'
import { hasNumber, type Prometheus } from './prometheus.ts'

/** A query of a panel, and where it is. */
export type Check = { place: string; panel?: Panel; expr: string; isInstant: boolean }

/** Why a query has no data. No reason excuses a query that Prometheus refuses. Undefined if it has data. */
export type Trouble = { text: string; isRefused: boolean } | undefined

const NAMESPACE = 'local'
const RATE_WINDOW = '1m'

/** Lists all queries of dashboards, with the variables replaced. */
export function checksOf(dashboards: Dashboard[]): Check[] {
  const checks = dashboards.flatMap(({ name, rows }) =>
    rows.flatMap(({ title: row, panels }) => panels.flatMap(panel => checksOfPanel(panel, `${name} / ${row}`)))
  )
  return [...checks, { place: 'marks of new versions', expr: resolved(NEW_VERSIONS), isInstant: false }]
}

function checksOfPanel(panel: Panel, above: string): Check[] {
  return panel.queries.map(({ expr, legend }) => ({
    place: `${above} / ${panel.title} / ${legend}`,
    panel,
    expr: resolved(expr),
    isInstant: panel.kind === 'table'
  }))
}

const resolved = (expr: string) => expr.replaceAll('$namespace', NAMESPACE).replaceAll('$__rate_interval', RATE_WINDOW)

/** Runs a query over the time since `start` (seconds since the epoch). */
export async function troubleOf({ expr, isInstant }: Check, prometheus: Prometheus, start: number): Promise<Trouble> {
  try {
    const result = isInstant ? await prometheus.query(expr) : await prometheus.queryRange(expr, start)
    if (hasNumber(result)) return undefined
    return { text: result.length > 0 ? 'its series have no number' : 'it finds no series', isRefused: false }
  } catch (error) {
    return { text: (error as Error).message, isRefused: true }
  }
}
