import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from './fault.ts'
import type { Ground } from './ground.ts'

/** Milliseconds: longer than any call waits, and than a circuit stays open. */
const AWAY = 8_000

type Way = { cut(): void; block(): void; mend(): void }

/** What nobody reaches: `wayOf` is the way there. */
const away = (what: string, wayOf: (ground: Ground) => Way): Fault => ({
  name: `${what} is away for ${AWAY / 1_000} s`,
  section: 'outages',
  async run(ground) {
    await delay(500)
    wayOf(ground).cut()
    await delay(AWAY)
    wayOf(ground).mend()
    return { what: 'cut' }
  }
})

/** What takes connections and never answers. */
const hung = (what: string, wayOf: (ground: Ground) => Way): Fault => ({
  name: `${what} hangs for ${AWAY / 1_000} s`,
  section: 'outages',
  async run(ground) {
    await delay(500)
    wayOf(ground).block()
    await delay(AWAY)
    wayOf(ground).mend()
    return { what: 'blocked' }
  }
})

/** The store of a service, or the event log. */
export const storeAway = (store: string) => away(`the store of ${store}`, ground => ground.way(store))
export const serviceAway = (service: string) => away(service, ground => ground.front(service))
export const serviceHung = (service: string) => hung(service, ground => ground.front(service))
export const logAway = () => away('the event log', ground => ground.way('event-log'))
export const logHung = () => hung('the event log', ground => ground.way('event-log'))

/** What a provider may do to its webhooks. */
export const webhooks = (what: string, behaviour: object): Fault => ({
  name: `webhooks are ${what}`,
  section: 'webhooks',
  async run(_ground, shop) {
    await shop.setWebhooks(behaviour)
    await delay(6_000)
    await shop.setWebhooks({})
    return { what }
  }
})
