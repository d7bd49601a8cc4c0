import type { Caller } from '@bulkhead/chassis/caller'
import { systemClock as clock } from '@bulkhead/chassis/clock'
import { redisOutbox } from '@bulkhead/chassis/redis-outbox'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { itemsApp } from '../src/app.ts'
import { itemStore, TAG } from '../src/store.ts'

const service = 'template'
const staff: Caller = { kind: 'person', id: 'stf_1', roles: ['staff'] }

/** The service on an empty store. Its outbox is not relayed: that is the chassis's to test. */
export async function startService() {
  const redis = new Redis(process.env.TEST_REDIS_URL!)
  for (const key of await redis.keys(`${TAG}:*`)) await redis.del(key)
  const log = pino({ level: 'silent' })
  const registry = new Registry()
  const silent = { append: async () => '', run: async () => '', trim: async () => undefined }
  const outbox = redisOutbox({ service, redis, tag: TAG, log: silent, clock, logger: log, registry })
  const items = itemStore(redis, outbox, clock)
  const verify = (authorization = ''): Caller => (authorization === 'Bearer staff' ? staff : { kind: 'anonymous' })
  return {
    app: itemsApp({ items, clock, log, registry, verify }),
    /** The events of an item that wait to be published: type and version. */
    async eventsOf(id: string) {
      const waiting = await redis.xrange(`${TAG}:outbox`, '-', '+')
      const events = waiting.map(([, [, event, , version]]) => ({ ...JSON.parse(event!), version: Number(version) }))
      return events.filter(({ subject }) => subject === id).map(({ type, version }) => [type, version])
    },
    close: async () => redis.disconnect()
  }
}
