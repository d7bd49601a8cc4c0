import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { Failure } from '../failure.ts'
import type { Stack } from '../services/stack.ts'
import { OBSERVER_FILES, observerOf, observerPorts, ROUTES_FILE, RULES_FOLDER } from './observer.ts'

const SCRAPE_INTERVAL = '5s'
/** The highest number of exemplars in memory. */
const MAX_EXEMPLARS = 20_000
/** A limit for each scrape, so that a service with too many series cannot fill the memory of Prometheus. */
const MAX_SAMPLES = 20_000

/** The settings of a Prometheus that differ in a drill, whose rules have shorter times. */
export type PrometheusSettings = {
  /** How often it scrapes and evaluates, such as `1s`. */
  interval?: string
  /** The folder with its rules. */
  rules?: string
}

/** Returns the configuration of the Prometheus that scrapes the services of a stack. */
export function prometheusConfiguration(stack: Stack, settings: PrometheusSettings = {}): string {
  const { interval = SCRAPE_INTERVAL, rules = join(stack.root, RULES_FOLDER) } = settings
  const { folder } = observerOf(stack)
  const { alertmanager } = observerPorts(stack)
  return stringify({
    global: { scrape_interval: interval, scrape_timeout: settings.interval ?? '4s', evaluation_interval: interval },
    storage: { exemplars: { max_exemplars: MAX_EXEMPLARS } },
    rule_files: [join(rules, '*.yaml')],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanager}`] }] }] },
    scrape_configs: [
      {
        job_name: 'services',
        sample_limit: MAX_SAMPLES,
        file_sd_configs: [{ files: [join(folder, OBSERVER_FILES.targets)], refresh_interval: interval }]
      }
    ]
  })
}

/** The fields of Alertmanager's configuration that decide about routes. All other fields configure receivers. */
const ROUTE_FIELDS = ['route', 'inhibit_rules', 'mute_time_intervals', 'time_intervals']
const NO_ROUTES = { route: { receiver: 'none', group_by: ['alertname'] }, receivers: [{ name: 'none' }] }

/**
 * Returns Alertmanager's configuration on this machine: the routes and inhibitions of the given one, and its receivers without addresses, so
 * that no notification leaves the machine. Without a text all alerts have one route. Fails if the text is not YAML of an object.
 */
export function alertmanagerConfiguration(text: string | undefined): string {
  if (text === undefined) return stringify(NO_ROUTES)
  const given = parseRoutes(text)
  const fields = Object.entries(given).filter(([name]) => ROUTE_FIELDS.includes(name))
  const receivers = (Array.isArray(given.receivers) ? given.receivers : []).map(({ name }) => ({ name }))
  return stringify(Object.fromEntries([...fields, ['receivers', receivers]]))
}

function parseRoutes(text: string): Record<string, unknown> {
  try {
    const routes = parse(text)
    if (routes !== null && typeof routes === 'object' && !Array.isArray(routes)) return routes
    throw new Error('it is not an object')
  } catch (cause) {
    throw new Failure(`${ROUTES_FILE} is invalid: ${(cause as Error).message}`, undefined, { cause })
  }
}
