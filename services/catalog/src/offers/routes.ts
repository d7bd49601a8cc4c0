import { operations } from '@bulkhead/chassis/http'
import type { Products } from '../products/store.ts'
import { listOffers } from './operations.ts'
import { offersOf } from './store.ts'

export const offerRoutes = (products: Products) =>
  operations().handle(listOffers, async ({ body }) => ({
    status: 200,
    body: { items: await offersOf(products, body) }
  })).router
