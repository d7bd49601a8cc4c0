import type { Alert, Severity } from '../rules/rule.ts'
import { KINDS, type Kind, STEP_SECONDS } from './requests.ts'

type Burn = { severity: Severity; long: string; short: string; factor: number; share: string }

/**
 * The windows and factors of the Google SRE workbook (chapter 5, table 5-8). The short window ends an alert soon after the fault, the long
 * one keeps short faults from alerting. `share` is the part of the budget that is used up in the long window.
 */
const BURNS: Burn[] = [
  { severity: 'page', long: '1h', short: '5m', factor: 14.4, share: '2 %' },
  { severity: 'page', long: '6h', short: '30m', factor: 6, share: '5 %' },
  { severity: 'ticket', long: '1d', short: '2h', factor: 3, share: '10 %' },
  { severity: 'ticket', long: '3d', short: '6h', factor: 1, share: '10 %' }
]

/** The fewest bad requests in the long window. With fewer, one bad request of a quiet service would alert. */
const FEWEST_BAD = 10

const TEXTS: Record<Kind, { name: string; bad: string }> = {
  availability: { name: 'AvailabilityBudgetBurns', bad: 'fail' },
  latency: { name: 'LatencyBudgetBurns', bad: 'are answered too late' }
}

/** The alerts on budgets that are used up too fast, and on objectives without data. `scale` is that of `ruleFiles`. */
export const objectiveAlerts = (scale = 1): Alert[] => [
  ...KINDS.flatMap(kind => BURNS.map(burn => burnAlert(kind, burn, scale))),
  noData()
]

function burnAlert(kind: Kind, { severity, long, short, factor, share }: Burn, scale: number): Alert {
  const { name, bad } = TEXTS[kind]
  const burnRate = (window: string) => `bulkhead:${kind}:burn_rate${window} > ${factor}`
  return {
    name: `${name}${severity === 'page' ? 'Fast' : 'Slowly'}`,
    severity,
    expr: `${burnRate(long)}\nand ${burnRate(short)}\nand ${badRequests(kind, long, scale)} >= ${FEWEST_BAD}`,
    for: '0s',
    labels: { window: long },
    summary: `Too many requests to {{ $labels.service }} ${bad} (objective {{ $labels.objective }})`,
    description:
      `Within ${long}, requests to {{ $labels.service }} in {{ $labels.namespace }} used up the budget of 30 days ` +
      `{{ $value | printf "%.1f" }} times too fast. At ${factor} times, ${share} of the budget is gone after ${long}.`
  }
}

/** The number of bad requests in a window. A rate would be too high while the series are younger than the window. */
const badRequests = (kind: Kind, window: string, scale: number) =>
  window === '1h'
    ? `bulkhead:${kind}:bad_rate1h * ${3_600 * scale}`
    : `sum_over_time(bulkhead:${kind}:bad_rate5m[${window}]) * ${STEP_SECONDS * scale}`

/** Fires when the requests of an objective are gone, or were missing for a day although its service was scraped. */
function noData(): Alert {
  const gone = (kind: Kind) =>
    `(last_over_time(bulkhead:${kind}:valid_rate5m[1d]) unless bulkhead:${kind}:valid_rate5m)`
  const never = (kind: Kind) =>
    `((bulkhead:${kind}:target and bulkhead:${kind}:target offset 1d) unless last_over_time(bulkhead:${kind}:valid_rate5m[1d]))`
  const missing = KINDS.flatMap(kind => [gone(kind), never(kind)]).join('\n or ')
  return {
    name: 'ObjectiveWithoutData',
    severity: 'ticket',
    expr: `group by (namespace, service, objective) (\n${missing}\n)`,
    for: '15m',
    summary: 'The objective {{ $labels.objective }} of {{ $labels.service }} has no data',
    description:
      'Prometheus sees no requests of {{ $labels.service }} in {{ $labels.namespace }} for this objective. ' +
      'Until it does, no alert tells you about failed or slow requests.'
  }
}
