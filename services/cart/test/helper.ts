import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Caller } from '@bulkhead/chassis/caller'
import { systemClock } from '@bulkhead/chassis/clock'
import { newId } from '@bulkhead/chassis/ids'
import { connectRedisStore } from '@bulkhead/chassis/redis'
import { redisOutbox } from '@bulkhead/chassis/redis-outbox'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import request from 'supertest'
import { cartApp } from '../src/app.ts'
import { connectCatalog } from '../src/catalog.ts'
import { cartStore, TAG } from '../src/store.ts'

const customers = new Map<string, Caller>()

/** A new customer's `Authorization` header, and the ID behind it. */
export function customer() {
  const id = newId('cus')
  const header = `Bearer ${id}`
  customers.set(header, { kind: 'person', id, roles: ['customer'] })
  return { id, header }
}

/**
 * cart on the tests' Redis, or on another, with a catalog that a test sets. Its outbox is not relayed: that is the chassis's to
 * test.
 */
export async function cart({ url = `${process.env.TEST_REDIS_URL}/9` } = {}) {
  const log = pino({ level: 'silent' })
  const registry = new Registry()
  const clock = systemClock
  const redis = await connectRedisStore(url, log)
  const silent = { append: async () => '', run: async () => '', trim: async () => undefined }
  const outbox = redisOutbox({ service: 'cart', redis, tag: TAG, log: silent, clock, logger: log, registry })
  const fake = await fakeCatalog()
  const catalog = connectCatalog({ url: fake.url, token: async () => 'token-of-cart', registry })
  const carts = cartStore({ redis, outbox, clock })
  const verify = (authorization = ''): Caller => customers.get(authorization) ?? { kind: 'anonymous' }
  const app = cartApp({ carts, catalog, clock, log, registry, verify }).listen(0)
  return {
    redis,
    fake,
    /** Sends a request, as a guest or with a customer's `Authorization` header. */
    send(method: 'get' | 'post' | 'put' | 'delete', path: string, header?: string) {
      const test = request(app)[method](path)
      return header ? test.set('Authorization', header) : test
    },
    async close() {
      app.close()
      app.closeAllConnections()
      redis.disconnect()
      await Promise.all([fake.stop(), catalog.close()])
    }
  }
}

export type TestCart = Awaited<ReturnType<typeof cart>>

/** A catalog as a real server, which answers as `answer` does and keeps what it was asked. */
async function fakeCatalog() {
  const asked: { path: string; authorization: string | undefined }[] = []
  const fake = { answer: (() => undefined) as RequestListener }
  const server = createServer((message, response) => {
    asked.push({ path: message.url!, authorization: message.headers.authorization })
    fake.answer(message, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return Object.assign(fake, {
    asked,
    url: `http://127.0.0.1:${port}`,
    /** Answers with those of the products that it is asked for. */
    offers(products: { id: string }[]) {
      fake.answer = (message, response) => {
        const ids = new URL(message.url!, 'http://catalog').searchParams.get('ids')!.split(',')
        response.end(JSON.stringify({ items: products.filter(({ id }) => ids.includes(id)) }))
      }
    },
    async stop() {
      if (!server.listening) return
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    }
  })
}
