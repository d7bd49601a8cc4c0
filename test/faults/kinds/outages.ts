import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import type { Testbed } from '../testbed/testbed.ts'

/** The duration of an outage (ms), which is longer than the limit of any call, and longer than a circuit stays open. */
const AWAY = 8_000

type Proxy = { cut(): void; block(): void; mend(): void }

/** A fault: a server refuses connections. `proxyOf` returns the proxy in front of the server. */
const away = (what: string, proxyOf: (testbed: Testbed) => Proxy): Fault => ({
  name: `${what} is away for ${AWAY / 1_000} s`,
  section: 'outages',
  async run(testbed) {
    await delay(500)
    proxyOf(testbed).cut()
    await delay(AWAY)
    proxyOf(testbed).mend()
    return { what: 'cut' }
  }
})

/** A fault: a server accepts connections and never answers. */
const hung = (what: string, proxyOf: (testbed: Testbed) => Proxy): Fault => ({
  name: `${what} hangs for ${AWAY / 1_000} s`,
  section: 'outages',
  async run(testbed) {
    await delay(500)
    proxyOf(testbed).block()
    await delay(AWAY)
    proxyOf(testbed).mend()
    return { what: 'blocked' }
  }
})

/** A fault: the store of a service refuses connections. */
export const storeAway = (store: string) => away(`the store of ${store}`, testbed => testbed.proxy(store))
export const serviceAway = (service: string) => away(service, testbed => testbed.balancerOf(service))
export const serviceHung = (service: string) => hung(service, testbed => testbed.balancerOf(service))
export const logAway = () => away('the event log', testbed => testbed.proxy('event-log'))
export const logHung = () => hung('the event log', testbed => testbed.proxy('event-log'))

/** A fault: the provider sends its webhooks late, several times, in a different order, or not at all. */
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
