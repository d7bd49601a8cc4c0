import { KEY_PANELS } from '../key-panels.ts'
import type { Range } from '../ranges.ts'
import type { ServiceState, StoreState, ViewData } from '../view-data.ts'
import { countRules, firingAlerts } from './alerts.ts'
import { graphLink } from './graph-link.ts'
import { type Grid, instant, panelData, timesOf } from './prometheus-client.ts'
import { scrapedServices } from './services.ts'
import { storesOf } from './stores.ts'

/** Where the view gets its data. */
export type Sources = {
  /** The URL of Prometheus, without a path. */
  prometheus: string
  /** The URL of Alertmanager, without a path. */
  alertmanager: string
  /** The value of the label `namespace` of the installation. */
  namespace: string
  /** The IDs of the operations whose answers stay open. */
  streams: string[]
  runbookOf: (alert: string) => string | undefined
  isStackRunning: () => boolean
}

const SCRAPE_SECONDS = 5
const POINTS = 180
/** The shortest window of a rate: it has enough scrapes even if some fail. */
const MIN_WINDOW_SECONDS = 60

/** Asks Prometheus and Alertmanager for everything that the view shows. Rejects if Prometheus does not answer. */
export async function collect(sources: Sources, range: Range, now: number): Promise<ViewData> {
  const { prometheus, alertmanager, namespace, streams, runbookOf, isStackRunning } = sources
  const grid = gridOf(range, now)
  const window = Math.max(MIN_WINDOW_SECONDS, grid.step)
  const variables = { namespace, streams, window, range: range.seconds }
  const [services, versions, stores, { alerts, isAnswered }, rules, panels] = await Promise.all([
    scrapedServices(prometheus, namespace),
    instant(prometheus, `bulkhead_build_info{namespace="${namespace}"}`),
    storesOf(prometheus, namespace),
    firingAlerts(prometheus, alertmanager, runbookOf),
    countRules(prometheus),
    Promise.all(
      KEY_PANELS.map(async key => {
        const data = await panelData(prometheus, key, grid, variables)
        data.link = graphLink(prometheus, key.panel, range, variables)
        return [key.id, data] as const
      })
    )
  ])
  for (const service of services) {
    const version = versions.find(({ labels }) => labels.service === service.name)?.labels.version
    if (version) service.version = version
  }
  return {
    at: now,
    range: range.name,
    times: timesOf(grid),
    isStackRunning: isStackRunning(),
    services,
    stores: stores.filter(store => isCurrent(store, services)),
    alerts,
    rules,
    hasAlertmanager: isAnswered,
    panels: Object.fromEntries(panels)
  }
}

/** Tells whether a service still has a store. Not if the service is not scraped any more, or is up and does not report it. */
const isCurrent = ({ service, state }: StoreState, services: ServiceState[]) =>
  services.some(({ name, state: owner }) => name === service && (state !== 'unknown' || owner !== 'up'))

/** The times of a range. The last one is now, rounded to a scrape, so that the newest values are never old. */
function gridOf({ seconds }: Range, now: number): Grid {
  const end = Math.floor(now / 1_000 / SCRAPE_SECONDS) * SCRAPE_SECONDS
  const step = Math.max(SCRAPE_SECONDS, Math.ceil(seconds / POINTS / SCRAPE_SECONDS) * SCRAPE_SECONDS)
  return { start: end - Math.floor(seconds / step) * step, end, step }
}
