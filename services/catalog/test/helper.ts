import assert from 'node:assert/strict'
import * as callers from '@bulkhead/testing/callers'
import { aggregateEvents } from '@bulkhead/testing/mongo-database'
import { startForTest } from '@bulkhead/testing/start-for-test'
import request from 'supertest'
import type { WorkerTimes } from '../src/imports/worker.ts'
import { newProduct } from '../src/products/schemas.ts'
import { catalog } from '../src/service.ts'

type Method = 'get' | 'post' | 'put' | 'patch'

type Options = {
  /** True to run imports. By default they stay in the queue. */
  runsImports?: boolean
  /** The store of a replica that is already running. */
  storeUrl?: string
}

const QUICK_TIMES: WorkerTimes = { poll: 20, lease: 2_000, sweep: 100 }
/** The times of a worker that looks for imports only once, at its start. */
const IDLE_TIMES: WorkerTimes = { poll: 3_600_000, lease: 1, sweep: 3_600_000 }

/** Returns a product that can be published. Its SKU is its handle and a number. */
export const mug = (handle: string) => ({
  handle,
  title: 'Mug',
  variants: [{ sku: `${handle}-1`, prices: [{ amount: 1250, currency: 'EUR' }] }]
})

/** Returns the pointers of a problem, sorted. */
export const pointersOf = ({ errors }: { errors: { pointer: string }[] }) => errors.map(({ pointer }) => pointer).sort()

/** Asserts that an object has the fields of `expected`. */
export function assertFields(actual: object | null | undefined, expected: Record<string, unknown>) {
  const fields = new Map(Object.entries(actual ?? {}))
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map(name => [name, fields.get(name)])), expected)
}

/** The fields of a product that staff can edit, with its ID and its version. */
export function editable<T extends object>(product: T) {
  const names = new Set(['id', 'version', ...Object.keys(newProduct.shape)])
  return Object.fromEntries(Object.entries(product).filter(([name]) => names.has(name))) as T
}

/** The fields of a list's items that tests read. */
export type Listed = { id: string; title: string }

/** Starts a replica of catalog, by default on its own store. */
export async function startService({ runsImports = false, storeUrl }: Options = {}) {
  const times = runsImports ? QUICK_TIMES : IDLE_TIMES
  const started = await startForTest(catalog, { settings: { times }, storeUrl })
  const { url, db } = started
  const { header: staffHeader } = callers.staff()
  const staff = (method: Method, path: string) => request(url)[method](path).set('Authorization', staffHeader)
  const made = (path: string, body: object) => staff('post', path).send(body).expect(201)
  return {
    ...started,
    eventsOf: (collection: string, id: string) => aggregateEvents(db, collection, id),
    anyone: request(url),
    staff,
    /** The `Authorization` header of a member of staff. */
    staffHeader,
    /** Creates a draft, a family or a category, and returns it. */
    made: async (path: string, body: object) => (await made(path, body)).body,
    /** Creates a product and publishes it. */
    async published(fields: object) {
      const { body } = await made('/products', fields)
      return (await staff('post', `/products/${body.id}/publish`).set('If-Match', '"1"').expect(200)).body
    }
  }
}
