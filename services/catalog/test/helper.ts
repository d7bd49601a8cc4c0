import type { Caller } from '@bulkhead/chassis/caller'
import { systemClock } from '@bulkhead/chassis/clock'
import { mongoOutbox } from '@bulkhead/chassis/outbox'
import { type Collection, MongoClient } from 'mongodb'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import request from 'supertest'
import { catalogApp } from '../src/app.ts'
import { catalogImports } from '../src/imports/imports.ts'
import { catalogStores } from '../src/store.ts'

const people: Record<string, Caller> = {
  'Bearer staff': { kind: 'person', id: 'stf_1', roles: ['staff'] },
  'Bearer customer': { kind: 'person', id: 'cus_1', roles: ['customer'] }
}

type Method = 'get' | 'post' | 'put' | 'patch'

/** A product that may be published; its SKU is made from its handle. */
export const mug = (handle: string) => ({
  handle,
  title: 'Mug',
  variants: [{ sku: `${handle}-1`, prices: [{ amount: 1250, currency: 'EUR' }] }]
})

/** The pointers of a problem, sorted. */
export const pointersOf = ({ errors }: { errors: { pointer: string }[] }) => errors.map(({ pointer }) => pointer).sort()

type Page = { items: { id: string; title: string }[]; nextCursor?: string }

/** All items of a list, read page after page; `get` asks for one. Fails when it has more than 1,000 pages. */
export async function allItems(get: (cursor: string) => Promise<{ body: Page }>) {
  const items: Page['items'] = []
  let cursor = ''
  for (let pages = 0; pages < 1000; pages++) {
    const { body } = await get(cursor)
    items.push(...body.items)
    if (body.nextCursor === undefined) return items
    cursor = `&cursor=${body.nextCursor}`
  }
  throw new Error('The list does not end')
}

/** The events in the outbox of an aggregate, with the versions they are of. */
export async function eventsOf(aggregates: { collection: unknown }, id: string) {
  const collection = aggregates.collection as Collection<{ _id: string; outbox: { type: string; version: number }[] }>
  const { outbox } = (await collection.findOne({ _id: id }))!
  return outbox.map(({ type, version }) => [type, version])
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
  const stores = await catalogStores(db, outbox, clock)
  const verify = (authorization = ''): Caller => people[authorization] ?? { kind: 'anonymous' }
  const times = { poll: 20, lease: 2_000, sweep: 100 }
  const { worker, ...imports } = await catalogImports({ db, stores, clock, logger: log, registry, times })
  const app = catalogApp({ stores, imports, clock, log, registry, verify })
  const staff = (method: Method, path: string) => request(app)[method](path).set('Authorization', 'Bearer staff')
  const made = (path: string, body: object) => staff('post', path).send(body).expect(201)
  return {
    app,
    ...stores,
    db,
    registry,
    imports,
    /** Works on imports once it is started. */
    worker,
    anyone: request(app),
    staff,
    /** Makes a draft, family or category and returns it. */
    made: async (path: string, body: object) => (await made(path, body)).body,
    /** Makes a product and publishes it. */
    async published(fields: object) {
      const { body } = await made('/products', fields)
      return (await staff('post', `/products/${body.id}/publish`).set('If-Match', '"1"').expect(200)).body
    },
    async close() {
      await worker.stop()
      await client.close()
    }
  }
}
