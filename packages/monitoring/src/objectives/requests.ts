import type { Objective } from '@bulkhead/chassis/contract'
import type { RecordingRule, RuleGroup } from '../rules/rule.ts'
import { countedOperations } from './check-objectives.ts'
import type { MonitoredOperation, MonitoredService } from './monitored-service.ts'

/** The kinds of promises, as the second part of the names of recorded series. */
export const KINDS = ['availability', 'latency'] as const
export type Kind = (typeof KINDS)[number]

/** How often the rules of the short windows run (s). Numbers of requests are sums over these steps. */
export const STEP_SECONDS = 30

const DURATIONS = 'bulkhead_request_duration_seconds'
/** A limit of the client's own caused a 429, and the client broke off a 499. */
const OWN_LIMIT = '429'
const BROKEN_OFF = '499'
const FAILED = '5..'
const NO_OPERATION = 'none'
/** The windows that are counted from the metrics of the services. The others are sums of the first one. */
const COUNTED_WINDOWS = ['5m', '1h']

/** The rules that count the requests of each objective: a group for each service. */
export const requestGroups = (services: MonitoredService[]): RuleGroup[] =>
  services.map(service => ({
    name: `bulkhead-objectives-${service.name}`,
    interval: `${STEP_SECONDS}s`,
    rules: service.objectives.objectives.flatMap(objective =>
      rulesOf(service.name, objective, countedOperations(service, services))
    )
  }))

function rulesOf(service: string, objective: Objective, counted: MonitoredOperation[]): RecordingRule[] {
  const labels = { service, objective: objective.name }
  const { availability, latency } = objective
  return [
    ...availabilityRules(service, objective),
    targetRule('availability', availability, labels),
    ...latencyRules(service, objective, counted),
    targetRule('latency', latency.share, labels)
  ]
}

/**
 * Counts the failed requests among the valid ones. Requests without an operation are mostly unknown paths, which don't count; but a 5xx
 * counts, because it came before the operation was found.
 */
function availabilityRules(service: string, { name, operations }: Objective): RecordingRule[] {
  const labels = { service, objective: name }
  return COUNTED_WINDOWS.flatMap(window => {
    const rate = (...matchers: string[]) => rateOf('count', [`service="${service}"`, ...matchers], window)
    const chosen = operations ? operationIn(operations) : `operation!="${NO_OPERATION}"`
    const answered = rate(chosen, `status!~"${OWN_LIMIT}|${BROKEN_OFF}"`)
    const early = rate(`operation="${NO_OPERATION}"`, `status=~"${FAILED}"`)
    const valid = sum(operations ? answered : `${answered}\n  or\n  ${early}`)
    const failed = sum(rate(...(operations ? [chosen] : []), `status=~"${FAILED}"`))
    return [
      { record: `bulkhead:availability:valid_rate${window}`, expr: valid, labels },
      {
        record: `bulkhead:availability:bad_rate${window}`,
        expr: orZero(failed, 'availability', window, labels),
        labels
      }
    ]
  })
}

/**
 * Counts the slow requests among those that did not fail. A client that breaks off a slow request counts as a slow answer; one that breaks
 * off earlier does not count.
 */
function latencyRules(service: string, { name, operations, latency }: Objective, counted: MonitoredOperation[]) {
  const labels = { service, objective: name }
  const untimed = counted.filter(({ isTimed }) => !isTimed).map(({ id }) => id)
  const chosen = operations ? operationIn(operations) : `operation!~"${[NO_OPERATION, ...untimed].join('|')}"`
  return COUNTED_WINDOWS.flatMap((window): RecordingRule[] => {
    const common = [`service="${service}"`, chosen]
    const inTime = [...common, bucketOf(latency.seconds)]
    const notFailed = `status!~"${OWN_LIMIT}|${FAILED}"`
    const all = sum(rateOf('count', [...common, notFailed], window))
    const quick = sum(rateOf('bucket', [...inTime, notFailed], window))
    const brokenOff = sum(rateOf('bucket', [...inTime, `status="${BROKEN_OFF}"`], window))
    return [
      { record: `bulkhead:latency:valid_rate${window}`, expr: `${all} - (${brokenOff} or 0 * ${all})`, labels },
      { record: `bulkhead:latency:bad_rate${window}`, expr: `clamp_min(${all} - ${quick}, 0)`, labels }
    ]
  })
}

/**
 * Records the promised share where the service is or was scraped. A constant without the labels of a series would match none, and no alert
 * would ever fire.
 */
const targetRule = (kind: Kind, share: number, labels: { service: string; objective: string }): RecordingRule => ({
  record: `bulkhead:${kind}:target`,
  expr: `${share} * group by (namespace) (last_over_time(up{service="${labels.service}"}[1h]))`,
  labels
})

/** Without a failure, the rate of failures is 0 and not missing, or an average over time would leave out the good times. */
function orZero(
  expr: string,
  kind: Kind,
  window: string,
  { service, objective }: { service: string; objective: string }
) {
  const valid = `bulkhead:${kind}:valid_rate${window}{service="${service}",objective="${objective}"}`
  return `${expr} or 0 * ${sum(valid)}`
}

/** Prometheus 2 keeps `1` as a service writes it, and Prometheus 3 makes it `1.0`. */
const bucketOf = (seconds: number) => (Number.isInteger(seconds) ? `le=~"${seconds}(.0)?"` : `le="${seconds}"`)

const operationIn = (operations: string[]) => `operation=~"${operations.join('|')}"`

const rateOf = (part: 'count' | 'bucket', matchers: string[], window: string) =>
  `rate(${DURATIONS}_${part}{${matchers.join(',')}}[${window}])`

const sum = (expr: string) => `sum by (namespace) (${expr})`
