import { appDeps } from '@bulkhead/testing/app-deps'
import * as callers from '@bulkhead/testing/callers'
import { mongoStore } from '@bulkhead/testing/mongo-database'
import request from 'supertest'
import { catalogApp } from '../src/app.ts'
import { catalogImports } from '../src/imports/imports.ts'
import { catalogStores } from '../src/store.ts'

type Method = 'get' | 'post' | 'put' | 'patch'

/** A product that may be published; its SKU is made from its handle. */
export const mug = (handle: string) => ({
  handle,
  title: 'Mug',
  variants: [{ sku: `${handle}-1`, prices: [{ amount: 1250, currency: 'EUR' }] }]
})

/** The pointers of a problem, sorted. */
export const pointersOf = ({ errors }: { errors: { pointer: string }[] }) => errors.map(({ pointer }) => pointer).sort()

/** What tests read of the items of a list. */
export type Listed = { id: string; title: string }

/** catalog on a store of its own. */
export async function catalog() {
  const deps = appDeps('catalog')
  const { clock, registry, log: logger } = deps
  const store = await mongoStore('catalog', deps)
  const { db } = store
  const stores = await catalogStores(db, store.outbox, clock)
  const times = { poll: 20, lease: 2_000, sweep: 100 }
  const { worker, ...imports } = await catalogImports({
    db,
    stores,
    outbox: store.outbox,
    clock,
    logger,
    registry,
    times
  })
  const app = catalogApp({ ...deps, stores, imports })
  const { header: staffHeader } = callers.staff()
  const staff = (method: Method, path: string) => request(app)[method](path).set('Authorization', staffHeader)
  const made = (path: string, body: object) => staff('post', path).send(body).expect(201)
  return {
    app,
    ...stores,
    ...{ db, url: store.url, eventsOf: store.eventsOf },
    registry,
    imports,
    /** Works on imports once it is started. */
    worker,
    anyone: request(app),
    staff,
    /** Of the member of staff who asks. */
    staffHeader,
    /** Makes a draft, family or category and returns it. */
    made: async (path: string, body: object) => (await made(path, body)).body,
    /** Makes a product and publishes it. */
    async published(fields: object) {
      const { body } = await made('/products', fields)
      return (await staff('post', `/products/${body.id}/publish`).set('If-Match', '"1"').expect(200)).body
    },
    async close() {
      await worker.stop()
      await store.close()
    }
  }
}
