import type { Alert } from '../view-data.ts'
import { getJson } from './prometheus-client.ts'

type Labels = Record<string, string>
type PrometheusAlerts = { data: { alerts: { labels: Labels; annotations: Labels; state: string; activeAt: string }[] } }
type AlertmanagerAlert = {
  labels: Labels
  fingerprint: string
  status: { state: string; silencedBy: string[]; inhibitedBy: string[] }
}
type Silence = { id: string; createdBy: string; comment: string }
type Rules = { data: { groups: { rules: unknown[] }[] } }

/** Labels that an alert shows elsewhere, or that are the same for all. */
const OTHER_PLACES = ['alertname', 'severity', 'namespace']
const RANKS = ['page', 'critical', 'ticket', 'warning']
const MAX_ALERTS = 100

/** The firing alerts, the most serious first. `isAnswered` is false if Alertmanager, which knows the muted ones, does not answer. */
export type FiringAlerts = { alerts: Alert[]; isAnswered: boolean }

/** Reads the firing alerts of Prometheus, and which of them Alertmanager mutes. `runbookOf` finds the runbook of an alert. */
export async function firingAlerts(
  prometheus: string,
  alertmanager: string,
  runbookOf: (name: string) => string | undefined
): Promise<FiringAlerts> {
  const [{ data }, muted] = await Promise.all([
    getJson<PrometheusAlerts>(`${prometheus}/api/v1/alerts`),
    mutedAlerts(alertmanager)
  ])
  const firing = data.alerts.filter(({ state }) => state === 'firing')
  const alerts = firing.map(({ labels, annotations, activeAt }): Alert => {
    const name = labels.alertname ?? ''
    const runbook = runbookOf(name)
    const mutedBy = muted?.get(keyOf(labels))
    return {
      name,
      severity: labels.severity ?? 'none',
      summary: annotations.summary ?? name,
      labels: Object.fromEntries(Object.entries(labels).filter(([label]) => !OTHER_PLACES.includes(label))),
      since: Date.parse(activeAt),
      ...(runbook && { runbook }),
      isMuted: muted?.has(keyOf(labels)) ?? false,
      ...(mutedBy && { mutedBy })
    }
  })
  return { alerts: alerts.sort(bySeriousness).slice(0, MAX_ALERTS), isAnswered: muted !== undefined }
}

/** Counts the alerting rules that Prometheus has loaded. */
export async function countRules(prometheus: string): Promise<number> {
  const { data } = await getJson<Rules>(`${prometheus}/api/v1/rules?type=alert`)
  return data.groups.reduce((sum, { rules }) => sum + rules.length, 0)
}

/** What mutes each alert that Alertmanager mutes, by the key of the alert. Undefined if it does not answer. */
async function mutedAlerts(alertmanager: string): Promise<Map<string, string> | undefined> {
  try {
    const [alerts, silences] = await Promise.all([
      getJson<AlertmanagerAlert[]>(`${alertmanager}/api/v2/alerts`),
      getJson<Silence[]>(`${alertmanager}/api/v2/silences`)
    ])
    const muted = alerts.filter(({ status }) => status.state === 'suppressed')
    return new Map(muted.map(alert => [keyOf(alert.labels), causeOf(alert, alerts, silences)]))
  } catch {
    return undefined
  }
}

/** Names the silence, or the alerts, that mute an alert. Empty if Alertmanager does not list them. */
function causeOf({ status }: AlertmanagerAlert, alerts: AlertmanagerAlert[], silences: Silence[]): string {
  const silence = silences.find(({ id }) => status.silencedBy.includes(id))
  if (silence) return `silenced by ${silence.createdBy}: ${silence.comment}`
  const sources = alerts.filter(({ fingerprint }) => status.inhibitedBy.includes(fingerprint))
  const names = [...new Set(sources.map(sourceName))]
  return names.length > 0 ? `muted by ${names.join(', ')}` : ''
}

/** Names an alert that mutes others. They may have the same name, so its service tells them apart. */
const sourceName = ({ labels: { alertname = '', service } }: AlertmanagerAlert) =>
  service ? `${alertname} of ${service}` : alertname

const keyOf = (labels: Labels) => JSON.stringify(Object.entries(labels).sort())

const rankOf = ({ severity, isMuted }: Alert) =>
  (isMuted ? RANKS.length + 1 : 0) + (RANKS.includes(severity) ? RANKS.indexOf(severity) : RANKS.length)

const bySeriousness = (one: Alert, other: Alert) => rankOf(one) - rankOf(other) || other.since - one.since
