import type { Drill, Setting } from '../drill.ts'
import { EVENT_LOG, withStore } from './redis.ts'

/** The declared part of a drill, without its fault. */
export type Declared = Omit<Drill, 'name' | 'services' | 'cause'>

const nameOf = (store: string) => (store === EVENT_LOG ? 'the event log' : `the store of ${store}`)
const servicesOf = (store: string) => (store === EVENT_LOG ? ['orders', 'payments'] : [store])

/** A drill: a store refuses connections. */
export const storeAway = (store: string, declared: Declared): Drill => ({
  ...declared,
  name: `${nameOf(store)} is away`,
  services: servicesOf(store),
  async cause({ testbed }) {
    testbed.proxy(store).cut()
    return () => testbed.proxy(store).mend()
  }
})

/** A drill: a store accepts connections, and answers nothing. */
export const storeHung = (store: string, declared: Declared): Drill => ({
  ...declared,
  name: `${nameOf(store)} hangs`,
  services: servicesOf(store),
  async cause({ testbed }) {
    testbed.proxy(store).block()
    return () => testbed.proxy(store).mend()
  }
})

/** A drill: a Redis has no memory left, so it refuses every command that needs some. */
export const storeFull = (store: string, declared: Declared): Drill => ({
  ...declared,
  name: `${nameOf(store)} is full`,
  services: servicesOf(store),
  cause: setting => configure(setting, store, 'maxmemory', '1')
})

/** A drill: a Redis refuses changes, because it has too few replicas. */
export const storeReadOnly = (store: string, declared: Declared): Drill => ({
  ...declared,
  name: `${nameOf(store)} is read-only`,
  services: servicesOf(store),
  cause: setting => configure(setting, store, 'min-replicas-to-write', '1')
})

/** A drill: a Redis is made the replica of a server that does not exist, so it keeps its data and refuses changes with READONLY. */
export const storeDemoted = (store: string, declared: Declared): Drill => ({
  ...declared,
  name: `${nameOf(store)} is a replica without a primary`,
  services: servicesOf(store),
  async cause({ testbed }) {
    await withStore(testbed, store, redis => redis.replicaof('127.0.0.1', 1))
    return () => withStore(testbed, store, redis => redis.replicaof('NO', 'ONE'))
  }
})

async function configure({ testbed }: Setting, store: string, setting: string, value: string) {
  const set = (to: string) => withStore(testbed, store, redis => redis.config('SET', setting, to))
  const [, before = '0'] = (await withStore(testbed, store, redis => redis.config('GET', setting))) as string[]
  await set(value)
  return () => set(before)
}
