import { table } from '../../../packages/cli/src/output/table.ts'
import type { Result } from './run-drill.ts'

const HEAD = ['', 'DRILL', 'EFFECT', 'PAGES AND TICKETS', 'CLIENTS WELL', 'ALERTS OVER']

/** Returns the lines of the table of results. */
export function summary(results: Result[]): string[] {
  const rows = results.map(({ drill, effect, alerts, clientsWellAfter, alertsResolvedAfter, findings }) => [
    findings.length > 0 ? '✘' : '✔',
    drill.name,
    effect.join(', ') || 'none',
    alerts.map(({ alert, service, severity }) => `${severity} ${alert} (${service})`).join(', ') || 'none',
    `${Math.round(clientsWellAfter)} s`,
    `${Math.round(alertsResolvedAfter)} s`
  ])
  return ['', table([HEAD, ...rows]), '']
}
