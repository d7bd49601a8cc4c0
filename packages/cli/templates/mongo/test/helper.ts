import type { Caller } from '@bulkhead/chassis/caller'
import { systemClock as clock } from '@bulkhead/chassis/clock'
import { mongoOutbox } from '@bulkhead/chassis/outbox'
import { MongoClient } from 'mongodb'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { itemsApp } from '../src/app.ts'
import { itemStore } from '../src/store.ts'

const service = 'template'
const staff: Caller = { kind: 'person', id: 'stf_1', roles: ['staff'] }

type StoredEvents = { outbox: { type: string; version: number }[] }

/** The service on an empty store of its own. Its outbox is not relayed: that is the chassis's to test. */
export async function startService() {
  const client = await new MongoClient(process.env.TEST_MONGODB_URL!).connect()
  const db = client.db('template-test')
  await db.dropDatabase()
  const log = pino({ level: 'silent' })
  const registry = new Registry()
  const silent = { append: async () => '', run: async () => '', trim: async () => undefined }
  const outbox = mongoOutbox({ service, db, log: silent, clock, logger: log, registry })
  const items = itemStore(db, outbox, clock)
  const verify = (authorization = ''): Caller => (authorization === 'Bearer staff' ? staff : { kind: 'anonymous' })
  return {
    app: itemsApp({ items, clock, log, registry, verify }),
    /** The events of an item that wait to be published: type and version. */
    async eventsOf(id: string) {
      const stored = await db.collection<StoredEvents & { _id: string }>('items').findOne({ _id: id })
      return (stored?.outbox ?? []).map(({ type, version }) => [type, version])
    },
    close: () => client.close()
  }
}
