import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { MonitoredService } from '@bulkhead/monitoring/objectives/monitored-service'
import { readMonitoredServices } from '@bulkhead/monitoring/objectives/read-monitored-services'
import { ruleFiles } from '@bulkhead/monitoring/rules/files'
import { alertmanagerConfiguration, prometheusConfiguration } from '../../../packages/cli/src/observe/configuration.ts'
import { OBSERVER_FILES, observerOf, observerPorts, ROUTES_FILE } from '../../../packages/cli/src/observe/observer.ts'
import { alertmanagerProgram, prometheusProgram } from '../../../packages/cli/src/observe/programs.ts'
import { LOCAL_NAMESPACE } from '../../../packages/cli/src/observe/targets.ts'
import { localUrl } from '../../../packages/cli/src/services/stack.ts'
import type { Setting } from '../drill.ts'
import { type AlertWatch, watchAlerts } from './alerts.ts'

/** All times in the rules are divided by this number, so that alerts fire after seconds. */
export const FASTER = 20

const SCRAPE_INTERVAL = '1s'
const REQUEST_LIMIT = 5_000

/**
 * The promised time of each request in a drill (s), a bucket of its histogram. It is longer than in production, so that a machine that runs
 * the whole stack and its load breaks no promise without a fault.
 */
export const PROMISED_SECONDS = 2.5

/** A Prometheus and an Alertmanager without history. */
export type Observer = {
  alerts: AlertWatch
  /** Resolves with true if Prometheus reached every replica at its last scrape. */
  seesAll: () => Promise<boolean>
  close: () => Promise<void>
}

/** Starts Prometheus and Alertmanager with the real rules and routes, for all replicas. Resolves when both answer. */
export async function startObserver({ testbed, start }: Setting): Promise<Observer> {
  const { stack } = testbed
  const { folder } = observerOf(stack)
  const rules = join(folder, 'rules')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(rules, { recursive: true })
  const services = (await readMonitoredServices(stack.root)).filter(({ name }) =>
    stack.services.some(each => each.name === name)
  )
  for (const [file, text] of Object.entries(ruleFiles(services.map(withPatience), 1 / FASTER))) {
    if (file.includes('/rules/')) writeFileSync(join(rules, basename(file)), text)
  }
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  const targets = targetsOf(testbed)
  write(OBSERVER_FILES.targets, JSON.stringify(targets))
  write(OBSERVER_FILES.prometheus, prometheusConfiguration(stack, { interval: SCRAPE_INTERVAL, rules }))
  write(OBSERVER_FILES.alertmanager, alertmanagerConfiguration(readFileSync(join(stack.root, ROUTES_FILE), 'utf8')))
  const stops = await Promise.all([start(alertmanagerProgram(stack)), start(prometheusProgram(stack))])
  const ports = observerPorts(stack)
  const alerts = watchAlerts(localUrl(ports.alertmanager))
  return {
    alerts,
    async seesAll() {
      const request = { signal: AbortSignal.timeout(REQUEST_LIMIT) }
      const answer = await fetch(`${localUrl(ports.prometheus)}/api/v1/query?query=sum(up)`, request)
      const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } }
      return Number(data.result[0]?.value[1]) === targets.length
    },
    async close() {
      await alerts.close()
      await Promise.all(stops.map(stop => stop()))
    }
  }
}

/** Returns a service whose objectives promise answers within `PROMISED_SECONDS`. */
const withPatience = (service: MonitoredService): MonitoredService => ({
  ...service,
  objectives: {
    ...service.objectives,
    objectives: service.objectives.objectives.map(objective => ({
      ...objective,
      latency: { ...objective.latency, seconds: PROMISED_SECONDS }
    }))
  }
})

/** Returns a target for each replica, with the labels that a ServiceMonitor gives it in a cluster. */
const targetsOf = (testbed: Setting['testbed']) =>
  testbed.stack.services.flatMap(({ name }) =>
    testbed.replicas(name).map(({ operations }) => ({
      targets: [`127.0.0.1:${operations}`],
      labels: { namespace: LOCAL_NAMESPACE, service: name }
    }))
  )
