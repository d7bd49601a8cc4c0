import type { Alert } from '../rules/rule.ts'
import { IN_INSTALLATION } from './scope.ts'

const DAY = 86_400

/** Certificates and keys. Their metrics come from cert-manager, a blackbox exporter, or kube-state-metrics. */
export const keyAlerts = (): Alert[] => [
  {
    name: 'CertificateExpiresSoon',
    severity: 'ticket',
    expr:
      `(certmanager_certificate_expiration_timestamp_seconds - time() < ${14 * DAY} and ${IN_INSTALLATION})\n` +
      `or (min by (namespace, service, instance) (probe_ssl_earliest_cert_expiry{service="gateway"}) - time() < ${14 * DAY})`,
    for: '1h',
    summary: 'A certificate expires in {{ $value | humanizeDuration }}',
    description: 'After that, clients cannot connect to the API in {{ $labels.namespace }}.'
  },
  {
    name: 'ServiceKeysOld',
    severity: 'ticket',
    expr: `time() - kube_cronjob_status_last_successful_time{cronjob="services-jwks"} > 3600 and ${IN_INSTALLATION}`,
    for: '5m',
    summary: 'The keys for calls between services were not read for {{ $value | humanizeDuration }}',
    description:
      'The CronJob services-jwks in {{ $labels.namespace }} fails. When the cluster changes its signing key, services refuse the calls of each other.'
  }
]
