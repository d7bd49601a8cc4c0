import type { Money } from '@bulkhead/chassis/core'
import { waitingEvents } from '@bulkhead/testing/redis-database'
import { startForTest } from '@bulkhead/testing/start-for-test'
import request from 'supertest'
import { TAG } from '../src/carts/keys.ts'
import { cart } from '../src/service.ts'

type Options = {
  /** Variables of cart's own. */
  config?: Record<string, string>
  /** The address of another Redis, which the test ends itself. */
  storeUrl?: string
}

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

/** Starts cart on an empty store, with a catalog whose offers a test sets. */
export async function startService(options: Options = {}) {
  const { url, redis, fakes, close } = await startForTest(cart, options)
  const { catalog } = fakes
  return {
    redis,
    catalog,
    /** The events of a cart that its outbox holds. */
    eventsOf: (id: string) => waitingEvents(redis, TAG, id),
    /** Makes catalog offer these products. */
    offers(products: OfferedProduct[]) {
      catalog.answer('listOffers', ({ body }) => ({ body: { items: offersOf(body as OfferQuery, products) } }))
    },
    /** Sends a request, as a guest or with a customer's `Authorization` header. */
    send(method: 'get' | 'post' | 'put' | 'delete', path: string, header?: string) {
      const test = request(url)[method](path)
      return header ? test.set('Authorization', header) : test
    },
    close
  }
}
