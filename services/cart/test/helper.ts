import type { Money } from '@bulkhead/chassis/core'
import { appDeps } from '@bulkhead/testing/app-deps'
import { fakeService } from '@bulkhead/testing/fake-service'
import { redisStore } from '@bulkhead/testing/redis-database'
import request from 'supertest'
import { cartApp } from '../src/app.ts'
import { connectCatalog } from '../src/catalog.ts'
import { TAG } from '../src/keys.ts'
import { PER_NETWORK } from '../src/limits.ts'
import { catalogNeeds } from '../src/needs.ts'
import { cartStore } from '../src/store.ts'

type Options = { url?: string; perNetwork?: { empty: number; all: number } }

export type OfferedProduct = {
  id: string
  title: string
  variants: { sku: string; options: Record<string, string>; prices: Money[] }[]
}

type OfferQuery = { currency: string; lines: { productId: string; sku: string }[] }

/** What catalog answers of the lines of a cart. */
const offersOf = ({ currency, lines }: OfferQuery, products: OfferedProduct[]) =>
  lines.flatMap(({ productId, sku }) => {
    const product = products.find(({ id }) => id === productId)
    if (!product) return []
    const found = product.variants.find(variant => variant.sku === sku)
    const price = found?.prices.find(price => price.currency === currency)
    const variant = found && { options: found.options, taxable: true, requiresShipping: true, price }
    return [{ productId, sku, title: product.title, variant }]
  })

/** cart on a Redis database of its own, or on another Redis, with a catalog that a test sets. */
export async function cart({ url, perNetwork = PER_NETWORK }: Options = {}) {
  const deps = appDeps('cart')
  const { clock, registry } = deps
  const { redis, outbox, eventsOf, close } = await redisStore('cart', TAG, deps, url)
  const fake = await fakeService(catalogNeeds)
  const catalog = connectCatalog({ url: fake.url, token: async () => 'token-of-cart', registry })
  const carts = cartStore({ redis, outbox, clock, perNetwork })
  const app = cartApp({ ...deps, carts, catalog }).listen(0)
  return {
    redis,
    eventsOf,
    fake,
    /** Has catalog offer these products. */
    offers(products: OfferedProduct[]) {
      fake.answer('listOffers', ({ body }) => ({ body: { items: offersOf(body as OfferQuery, products) } }))
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
