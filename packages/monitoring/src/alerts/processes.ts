import type { MonitoredService } from '../objectives/monitored-service.ts'
import type { Alert } from '../rules/rule.ts'
import { IN_INSTALLATION, oneOf } from './scope.ts'

/** Node samples its event loop every 100 ms, so an idle process shows 0.1 s. */
const BLOCKED_SECONDS = 0.3

/** Replicas that are slow, restart, or are missing. */
export function processAlerts(services: MonitoredService[]): Alert[] {
  const names = services.map(({ name }) => name)
  const containers = oneOf('container', [...names, 'store'])
  const restarts = `increase(kube_pod_container_status_restarts_total{${containers}}[15m])`
  // The container of a service has its name. The container of a store is named store, and its pod has the name of the release.
  const restartsByService =
    `label_replace(label_replace(${restarts}, "service", "$1", "container", "(.+)"), ` +
    `"service", "$1", "pod", "(.+-store|event-log)-0")`
  return [
    {
      name: 'EventLoopBlocked',
      severity: 'ticket',
      expr: `max by (namespace, service) (nodejs_eventloop_lag_p99_seconds and on (namespace, service, instance) bulkhead_build_info) > ${BLOCKED_SECONDS}`,
      for: '10m',
      summary: 'The event loop of {{ $labels.service }} is blocked',
      description:
        'Code of {{ $labels.service }} in {{ $labels.namespace }} runs for a third of a second and longer without a pause. All its requests wait for it.'
    },
    {
      name: 'RestartLoop',
      severity: 'ticket',
      expr:
        'max by (namespace, service) (changes(process_start_time_seconds[15m]) and on (namespace, service, instance) bulkhead_build_info) >= 3\n' +
        `or (max by (namespace, service) (${restartsByService}) >= 3 and ${IN_INSTALLATION})`,
      for: '0s',
      summary: '{{ $labels.service }} restarts again and again',
      description:
        'A replica of {{ $labels.service }} in {{ $labels.namespace }} started {{ $value | printf "%.0f" }} times within 15 minutes.'
    },
    {
      name: 'ReplicasMissing',
      severity: 'ticket',
      expr:
        '(\n' +
        `  label_replace(kube_deployment_spec_replicas{${oneOf('deployment', names)}} - kube_deployment_status_replicas_available, "service", "$1", "deployment", "(.+)")\n` +
        '  or label_replace(kube_statefulset_replicas{statefulset=~".+-store|event-log"} - kube_statefulset_status_replicas_ready, "service", "$1", "statefulset", "(.+)")\n' +
        `) > 0 and ${IN_INSTALLATION}`,
      for: '15m',
      summary: '{{ $value }} replicas of {{ $labels.service }} are missing',
      description:
        '{{ $labels.service }} in {{ $labels.namespace }} has fewer ready replicas than it should have. One more fault may stop it.'
    },
    {
      name: 'TargetDown',
      severity: 'ticket',
      expr: `sum by (namespace, service) (up{${oneOf('service', names)}} == bool 0 and ${IN_INSTALLATION}) > 0`,
      for: '5m',
      summary: 'Prometheus cannot read the metrics of {{ $labels.service }}',
      description:
        '{{ $value }} replicas of {{ $labels.service }} in {{ $labels.namespace }} do not answer on their management port.'
    },
    {
      name: 'MetricsMissing',
      severity: 'ticket',
      expr: 'absent(bulkhead_build_info)',
      for: '15m',
      summary: 'Prometheus has no metrics of Bulkhead',
      description: 'No service is scraped, so no other alert can fire.'
    }
  ]
}
