import { stringify } from 'yaml'
import { backupAlerts } from '../alerts/backups.ts'
import { callAlerts } from '../alerts/calls.ts'
import { eventAlerts } from '../alerts/events.ts'
import { keyAlerts } from '../alerts/keys.ts'
import { orderAlerts } from '../alerts/orders.ts'
import { processAlerts } from '../alerts/processes.ts'
import { installationRule } from '../alerts/scope.ts'
import { storeAlerts } from '../alerts/stores.ts'
import { objectiveAlerts } from '../objectives/burn-alerts.ts'
import type { MonitoredService } from '../objectives/monitored-service.ts'
import { ratioGroups } from '../objectives/ratios.ts'
import { requestGroups } from '../objectives/requests.ts'
import type { Alert, RuleGroup } from './rule.ts'
import { alertRule } from './runbooks.ts'
import { scaled } from './scaled.ts'

const FOLDER = 'k8s/monitoring'
const MADE = '# Made from packages/monitoring and src/slo.ts of each service; `make generate` writes it anew.\n'

/** Lists the alerts for these services, by group. Numbers of seconds in their expressions are multiplied by `scale`; windows are not. */
export const alertsByGroup = (services: MonitoredService[], scale = 1): Record<string, Alert[]> => ({
  objectives: objectiveAlerts(scale),
  orders: orderAlerts(),
  events: eventAlerts(scale),
  stores: storeAlerts(services),
  calls: callAlerts(),
  processes: processAlerts(services),
  keys: keyAlerts(),
  backups: backupAlerts(services)
})

/**
 * The texts of the rule files, by path: one with recorded series, one with alerts, and both as objects of the Prometheus Operator. `scale`
 * multiplies every time in the rules: windows, `for`, intervals, and ages of events in an outbox. With 1/20, the same expressions alert
 * after seconds instead of minutes.
 */
export function ruleFiles(services: MonitoredService[], scale = 1): Record<string, string> {
  const groups = { objectives: objectiveGroups(services), alerts: alertGroups(services, scale) }
  const files = { objectives: scaled(groups.objectives, scale), alerts: scaled(groups.alerts, scale) }
  const objects = Object.entries(files).map(([name, groups]) => ({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: `bulkhead-${name}`, labels: { 'app.kubernetes.io/part-of': 'bulkhead' } },
    spec: { groups }
  }))
  return {
    ...Object.fromEntries(
      Object.entries(files).map(([name, groups]) => [`${FOLDER}/rules/${name}.yaml`, yaml({ groups })])
    ),
    [`${FOLDER}/prometheus-rules.yaml`]: objects.map(yaml).join('---\n')
  }
}

const objectiveGroups = (services: MonitoredService[]): RuleGroup[] => [...requestGroups(services), ...ratioGroups()]

const alertGroups = (services: MonitoredService[], scale: number): RuleGroup[] => [
  { name: 'bulkhead-installations', interval: '30s', rules: [installationRule] },
  ...Object.entries(alertsByGroup(services, scale)).map(([name, alerts]) => ({
    name: `bulkhead-alerts-${name}`,
    interval: '30s',
    rules: alerts.map(alertRule)
  }))
]

const yaml = (content: object) => `${MADE}${stringify(content, { lineWidth: 0, aliasDuplicateObjects: false })}`
