import { setTimeout as delay } from 'node:timers/promises'
import type { FiringAlert } from '../drill.ts'

/** How often Alertmanager is asked (ms). */
const PAUSE = 500
/** An alert counts if Alertmanager has it at so many looks in a row. Before that, another alert may still come that mutes it. */
const LOOKS = 3
const REQUEST_LIMIT = 2_000

/** An alert that fired. */
export type Fired = FiringAlert & {
  severity: 'page' | 'ticket'
  /** The long window of an alert on a budget, such as `1h`; empty for other alerts. */
  window: string
}

/** The alerts that Alertmanager has, without muted ones. */
export type AlertWatch = {
  /** All that fired since the start. */
  fired: () => Fired[]
  /** Those that fire now. */
  firing: () => Fired[]
  /** The number of looks in a row that got no answer from Alertmanager. */
  silence: () => number
  close: () => Promise<void>
}

type Listed = { labels: Record<string, string>; status: { state: 'active' | 'suppressed' | 'unprocessed' } }

/** Watches the alerts of an Alertmanager until `close`. */
export function watchAlerts(url: string): AlertWatch {
  const closing = new AbortController()
  const fired = new Map<string, Fired>()
  let looks = new Map<string, number>()
  let firing: Fired[] = []
  let silence = 0

  async function look() {
    const answer = await fetch(`${url}/api/v2/alerts`, { signal: AbortSignal.timeout(REQUEST_LIMIT) })
    const listed = ((await answer.json()) as Listed[]).filter(({ status }) => status.state !== 'suppressed')
    const all = new Map(listed.map(({ labels }) => [keyOf(labels), alertOf(labels)]))
    looks = new Map([...all.keys()].map(key => [key, (looks.get(key) ?? 0) + 1]))
    firing = [...all.values()]
    for (const [key, alert] of all) if (looks.get(key)! >= LOOKS) fired.set(key, alert)
  }

  async function watch() {
    while (!closing.signal.aborted) {
      await look().then(
        () => {
          silence = 0
        },
        () => {
          silence++
        }
      )
      await delay(PAUSE)
    }
  }

  const watching = watch()
  return {
    fired: () => [...fired.values()],
    firing: () => firing,
    silence: () => silence,
    async close() {
      closing.abort()
      await watching
    }
  }
}

const keyOf = ({ alertname, service, severity, window }: Record<string, string>) =>
  `${severity} ${alertname} ${service} ${window}`

const alertOf = ({ alertname = '', service = '', severity, window = '' }: Record<string, string>): Fired => ({
  alert: alertname,
  service,
  severity: severity === 'page' ? 'page' : 'ticket',
  window
})
