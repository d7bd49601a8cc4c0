import { table } from '../../../packages/cli/src/output/table.ts'
import type { Fired } from './alerts.ts'
import type { Result } from './run-drill.ts'

const HEAD = ['', 'DRILL', 'EFFECT', 'PAGES AND TICKETS', 'CLIENTS WELL', 'ALERTS OVER']

/** Returns the lines of the table of results. */
export function summary(results: Result[]): string[] {
  const rows = results.map(({ drill, effect, alerts, clientsWellAfter, alertsResolvedAfter, findings }) => [
    findings.length > 0 ? '✘' : '✔',
    drill.name,
    effect.join(', ') || 'none',
    alertsOf(alerts) || 'none',
    `${Math.round(clientsWellAfter)} s`,
    `${Math.round(alertsResolvedAfter)} s`
  ])
  return ['', table([HEAD, ...rows]), '']
}

/** Lists alerts in one line: each kind once, with its services. */
function alertsOf(alerts: Fired[]): string {
  const kinds = Map.groupBy(alerts, ({ severity, alert }) => `${severity} ${alert}`)
  const listed = [...kinds].map(
    ([kind, of]) => `${kind} (${[...new Set(of.map(({ service }) => service))].join(', ')})`
  )
  return listed.sort().join('; ')
}
