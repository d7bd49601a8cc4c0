import type { MonitoredService } from '../objectives/monitored-service.ts'
import type { Alert } from '../rules/rule.ts'
import { IN_INSTALLATION } from './scope.ts'

/** The persistent volumes of stores: `data-<service>-store-0` and `data-event-log-0`. */
const VOLUMES = 'persistentvolumeclaim=~"data-(.+-store|event-log)-0"'

/** Stores that are away or nearly full. A cache is full by design: it removes its least used data. */
export function storeAlerts(services: MonitoredService[]): Alert[] {
  const caches = services.filter(({ store, state }) => store === 'redis' && state === 'cache').map(({ name }) => name)
  const records = `service!~"${caches.join('|')}"`
  return [
    {
      name: 'StoreDown',
      severity: 'ticket',
      expr: 'min by (namespace, service, store) (bulkhead_store_up) == 0',
      for: '2m',
      summary: '{{ $labels.service }} cannot reach its store ({{ $labels.store }})',
      description:
        'At least one replica of {{ $labels.service }} in {{ $labels.namespace }} gets no answer from {{ $labels.store }}. ' +
        'Requests that need the store get a 503.'
    },
    {
      name: 'StoreNearlyFull',
      severity: 'ticket',
      expr:
        `max by (namespace, service) (bulkhead_store_bytes{${records}} / (bulkhead_store_limit_bytes{${records}} > 0)) > 0.85\n` +
        'or max by (namespace, service) (bulkhead_store_volume_used_bytes / (bulkhead_store_volume_bytes > 0)) > 0.85',
      for: '10m',
      summary: 'The store of {{ $labels.service }} is {{ $value | humanizePercentage }} full',
      description:
        'The memory or the volume of the store of {{ $labels.service }} in {{ $labels.namespace }} is nearly full. ' +
        'A full store refuses changes: the service answers 503 to them.'
    },
    {
      name: 'StoreVolumeNearlyFull',
      severity: 'ticket',
      expr:
        `max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_used_bytes{${VOLUMES}} / (kubelet_volume_stats_capacity_bytes{${VOLUMES}} > 0)) > 0.85\n` +
        `and ${IN_INSTALLATION}`,
      for: '10m',
      summary: 'The volume {{ $labels.persistentvolumeclaim }} is {{ $value | humanizePercentage }} full',
      description:
        'The volume in {{ $labels.namespace }} is nearly full. When it is full, its store stops, and its service answers 503.'
    }
  ]
}
