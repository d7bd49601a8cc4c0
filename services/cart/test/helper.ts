import type { Money } from '@bulkhead/chassis/core'
import { waitingEvents } from '@bulkhead/testing/redis-database'
import { startForTest } from '@bulkhead/testing/start-for-test'
import request from 'supertest'
import { TAG } from '../src/carts/keys.ts'
import type { Cart } from '../src/carts/schemas.ts'
import { cart } from '../src/service.ts'

type Options = {
  /** Variables that only cart has. */
  config?: Record<string, string>
  /** The address of a different Redis, which the test stops itself. */
  storeUrl?: string
}

type OfferedProduct = {
  id: string
  title: string
  variants: { sku: string; options: Record<string, string>; prices: Money[] }[]
}

type OfferQuery = { currency: string; lines: { productId: string; sku: string }[] }

/** Starts cart on an empty store, with a fake catalog. Tests set its offers; at first it has none. */
export async function startService(options: Options = {}) {
  const { url, redis, fakes, close } = await startForTest(cart, options)
  const { catalog } = fakes

  function offers(products: OfferedProduct[]) {
    catalog.answer('listOffers', ({ body }) => ({ body: { items: offersOf(body as OfferQuery, products) } }))
  }
  offers([])

  function send(method: 'get' | 'post' | 'put' | 'delete', path: string, header?: string) {
    const test = request(url)[method](path)
    return header ? test.set('Authorization', header) : test
  }

  return {
    redis,
    catalog,
    /** Makes catalog offer these products. */
    offers,
    /** Sends a request, as a guest or with a customer's `Authorization` header. */
    send,
    /** Creates a cart of a guest, or of the customer with the `Authorization` header. */
    async createCart(header?: string): Promise<Cart> {
      const { body } = await send('post', '/carts', header).expect(201)
      return body
    },
    /** Returns the events of a cart in its outbox. */
    async eventsOf(id: string) {
      const events = await waitingEvents(redis, TAG, id)
      return events.map(([type, version]) => ({ type, version }))
    },
    close
  }
}

/** Returns catalog's answer for the lines of a cart. */
const offersOf = ({ currency, lines }: OfferQuery, products: OfferedProduct[]) =>
  lines.flatMap(({ productId, sku }) => {
    const product = products.find(({ id }) => id === productId)
    if (!product) return []
    const found = product.variants.find(variant => variant.sku === sku)
    const price = found?.prices.find(price => price.currency === currency)
    const variant = found && { options: found.options, taxable: true, requiresShipping: true, price }
    return [{ productId, sku, title: product.title, variant }]
  })
