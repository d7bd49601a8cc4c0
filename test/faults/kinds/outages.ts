import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from '../fault.ts'
import type { Testbed } from '../testbed/testbed.ts'

/** Milliseconds: longer than any call waits, and longer than a circuit stays open. */
const AWAY = 8_000

type Proxy = { cut(): void; block(): void; mend(): void }

/** Nobody can connect. `proxyOf` returns the proxy in front of it. */
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

/** It accepts connections and never answers. */
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

/** The store of a service is away. */
export const storeAway = (store: string) => away(`the store of ${store}`, testbed => testbed.proxy(store))
export const serviceAway = (service: string) => away(service, testbed => testbed.balancerOf(service))
export const serviceHung = (service: string) => hung(service, testbed => testbed.balancerOf(service))
export const logAway = () => away('the event log', testbed => testbed.proxy('event-log'))
export const logHung = () => hung('the event log', testbed => testbed.proxy('event-log'))

/** The provider sends its webhooks in an unusual way. */
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
