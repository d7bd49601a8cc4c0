import type { Caller } from '@bulkhead/chassis/caller'
import { systemClock } from '@bulkhead/chassis/clock'
import { mongoOutbox } from '@bulkhead/chassis/outbox'
import { MongoClient } from 'mongodb'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { catalogApp } from '../src/app.ts'
import { productStore } from '../src/store.ts'

const people: Record<string, Caller> = {
  'Bearer staff': { kind: 'person', id: 'stf_1', roles: ['staff'] },
  'Bearer customer': { kind: 'person', id: 'cus_1', roles: ['customer'] }
}

/** catalog on a store of its own and with callers `staff` and `customer`. Its outbox is not relayed: that is the chassis's to test. */
export async function catalog(database: string) {
  const client = await new MongoClient(process.env.TEST_MONGODB_URL!).connect()
  const db = client.db(database)
  await db.dropDatabase()
  const log = pino({ level: 'silent' })
  const registry = new Registry()
  const clock = systemClock
  const silent = { append: async () => '', run: async () => '', trim: async () => undefined }
  const outbox = mongoOutbox({ service: 'catalog', db, log: silent, clock, logger: log, registry })
  const products = await productStore(db, outbox, clock)
  const verify = (authorization = ''): Caller => people[authorization] ?? { kind: 'anonymous' }
  return { app: catalogApp({ products, clock, log, registry, verify }), products, close: () => client.close() }
}
