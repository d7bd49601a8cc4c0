import type { MonitoredService } from '../objectives/monitored-service.ts'
import type { Alert } from '../rules/rule.ts'
import { IN_INSTALLATION, oneOf } from './scope.ts'

const HOUR = 3_600
/** A backup a day, and two hours for it to run. */
const OLDEST_BACKUP = 26 * HOUR
/** A restore is proven once a month. */
const OLDEST_RESTORE = 31 * 24 * HOUR

/** Backups of the services that keep records. */
export function backupAlerts(services: MonitoredService[]): Alert[] {
  const keepers = oneOf(
    'service',
    services.filter(({ state }) => state === 'records').map(({ name }) => name)
  )
  return [
    {
      name: 'BackupOld',
      severity: 'ticket',
      expr: `time() - max by (namespace, service, store) (bulkhead_backup_last_success_timestamp_seconds > 0) > ${OLDEST_BACKUP}`,
      for: '0s',
      summary: 'The last backup of {{ $labels.service }} is {{ $value | humanizeDuration }} old',
      description:
        'If the store of {{ $labels.service }} in {{ $labels.namespace }} is lost now, all changes since that backup are lost.'
    },
    {
      name: 'BackupMissing',
      severity: 'ticket',
      expr:
        `group by (namespace, service) (up{${keepers}} and ${IN_INSTALLATION})\n` +
        'unless on (namespace, service) (last_over_time(bulkhead_backup_last_success_timestamp_seconds[1d]) > 0)',
      for: '1d',
      summary: '{{ $labels.service }} has no backup',
      description:
        '{{ $labels.service }} in {{ $labels.namespace }} keeps records, and Prometheus knows of no backup. If its store is lost, everything is lost.'
    },
    {
      name: 'RestoreUnproven',
      severity: 'ticket',
      expr:
        `time() - max by (namespace, service, store) (bulkhead_backup_last_restore_timestamp_seconds) > ${OLDEST_RESTORE}\n` +
        'and max by (namespace, service, store) (bulkhead_backup_last_success_timestamp_seconds) > 0',
      for: '1h',
      summary: 'No backup of {{ $labels.service }} was restored in a month',
      description:
        'Nobody knows whether the backups of {{ $labels.service }} in {{ $labels.namespace }} can be restored. Try it before you need it.'
    }
  ]
}
