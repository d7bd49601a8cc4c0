import { formatAge } from './format.ts'
import { storeName } from './store-names.ts'
import type { Alert, StoreState, ViewAnswer, ViewData } from './view-data.ts'

/** How things are: well, something to look at in working hours, something to repair now, or unknown. */
export type Level = 'well' | 'warning' | 'bad' | 'unknown'

/** What the top of the view says. */
export type Verdict = { level: Level; title: string; detail: string }

const MAX_NAMES = 4
/** The most services that a store's name lists. */
const MAX_OWNERS = 2

/** Alerts page an operator if they have this severity. */
export const isPage = ({ severity }: Alert): boolean => severity === 'page' || severity === 'critical'

/** Says in one line how the stack is. Without an answer it is unknown, and never "well". */
export function verdictOf(answer: ViewAnswer | undefined, now: number): Verdict {
  if (!answer) return { level: 'unknown', title: 'Loading', detail: 'Asking Prometheus' }
  const { data, problem } = answer
  if (problem) {
    const detail = data ? `The values below are ${formatAge(now - data.at)} old` : 'There are no values yet'
    return { level: 'unknown', title: problem, detail }
  }
  if (!data) return { level: 'unknown', title: 'No data', detail: 'Prometheus has not answered yet' }
  if (!data.isStackRunning && data.services.length === 0) {
    return { level: 'unknown', title: 'The stack does not run', detail: 'Start it: make up' }
  }
  return verdictOfData(data)
}

function verdictOfData(data: ViewData): Verdict {
  const detail = countsOf(data)
  const down = data.services.filter(({ state }) => state === 'down').map(({ name }) => name)
  if (down.length > 0)
    return { level: 'bad', title: `${listOf(down)} ${down.length === 1 ? 'is' : 'are'} down`, detail }
  const stores = downStores(data.stores)
  if (stores.length > 0) {
    return { level: 'bad', title: `${stores.join(' and ')} ${stores.length === 1 ? 'does' : 'do'} not answer`, detail }
  }
  const loud = data.alerts.filter(({ isMuted }) => !isMuted)
  const pages = loud.filter(isPage)
  const worst = pages.length > 0 ? pages : loud
  if (worst.length > 0) {
    const [first] = worst
    const title = worst.length === 1 ? first!.summary : `${worst.length} alerts: ${namesOf(worst)}`
    return { level: pages.length > 0 ? 'bad' : 'warning', title, detail }
  }
  if (data.services.length === 0) {
    return { level: 'unknown', title: 'No service is scraped', detail: 'Prometheus has no targets' }
  }
  if (data.services.some(({ state }) => state === 'unknown')) {
    return { level: 'unknown', title: 'The first scrape is not over yet', detail }
  }
  if (!data.hasAlertmanager) return { level: 'warning', title: 'Alertmanager does not answer', detail }
  // Without rules nobody looks at errors, so only this much is known.
  return { level: 'well', title: data.rules === 0 ? 'All services are up' : 'All well', detail }
}

/** Counts what runs, such as `7 of 8 services up · 12 of 14 stores up, 2 unknown · 2 alerts`. Leaves out stores if no service reports them. */
function countsOf({ services, stores, alerts, rules }: ViewData): string {
  const muted = alerts.filter(({ isMuted }) => isMuted).length
  const parts = [`${services.filter(({ state }) => state === 'up').length} of ${services.length} services up`]
  if (stores.length > 0) {
    const unknown = stores.filter(({ state }) => state === 'unknown').length
    const up = `${stores.filter(({ state }) => state === 'up').length} of ${stores.length} stores up`
    parts.push(unknown > 0 ? `${up}, ${unknown} unknown` : up)
  }
  parts.push(rules === 0 ? 'no alert rules' : plural(alerts.length - muted, 'alert'))
  if (muted > 0) parts.push(`${muted} muted`)
  return parts.join(' · ')
}

/** Names each kind of store that is down once, such as `MongoDB of 5 services`, because services may share a server. */
function downStores(stores: StoreState[]): string[] {
  const down = Object.groupBy(
    stores.filter(({ state }) => state === 'down'),
    ({ store }) => store
  )
  return Object.entries(down).map(([store, of = []]) => {
    const services = of.map(({ service }) => service)
    const owners = services.length > MAX_OWNERS ? `${services.length} services` : services.join(' and ')
    return `${storeName(store)} of ${owners}`
  })
}

const plural = (count: number, noun: string) =>
  count === 0 ? `no ${noun}s` : `${count} ${noun}${count === 1 ? '' : 's'}`

const namesOf = (alerts: Alert[]) => listOf([...new Set(alerts.map(({ name }) => name))])

function listOf(names: string[]): string {
  const shown = names.slice(0, MAX_NAMES).join(', ')
  return names.length > MAX_NAMES ? `${shown} and ${names.length - MAX_NAMES} more` : shown
}
