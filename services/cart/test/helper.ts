import { appDeps } from '@bulkhead/testing/app-deps'
import { fakeService } from '@bulkhead/testing/fake-service'
import { redisStore } from '@bulkhead/testing/redis-database'
import request from 'supertest'
import { cartApp } from '../src/app.ts'
import { connectCatalog } from '../src/catalog.ts'
import { catalogNeeds } from '../src/needs.ts'
import { cartStore, TAG } from '../src/store.ts'

/** cart on a Redis database of its own, or on another Redis, with a catalog that a test sets. */
export async function cart({ url }: { url?: string } = {}) {
  const deps = appDeps('cart')
  const { clock, registry } = deps
  const { redis, outbox, close } = await redisStore('cart', TAG, deps, url)
  const fake = await fakeService(catalogNeeds)
  const catalog = connectCatalog({ url: fake.url, token: async () => 'token-of-cart', registry })
  const carts = cartStore({ redis, outbox, clock })
  const app = cartApp({ ...deps, carts, catalog }).listen(0)
  return {
    redis,
    fake,
    /** Has catalog offer those products. */
    offers(products: { id: string }[]) {
      fake.answer('listProducts', ({ query }) => {
        const ids = query.ids!.split(',')
        return { body: { items: products.filter(({ id }) => ids.includes(id)) } }
      })
    },
    /** Sends a request, as a guest or with a customer's `Authorization` header. */
    send(method: 'get' | 'post' | 'put' | 'delete', path: string, header?: string) {
      const test = request(app)[method](path)
      return header ? test.set('Authorization', header) : test
    },
    async close() {
      app.close()
      app.closeAllConnections()
      await Promise.all([fake.stop(), catalog.close(), close()])
    }
  }
}

export type TestCart = Awaited<ReturnType<typeof cart>>
