import { operations } from '@bulkhead/chassis/http'
import type { Products } from '../products/store.ts'
import { listOffers } from './operations.ts'
import { findOffers } from './store.ts'

export const offerRoutes = (products: Products) =>
  operations().handle(listOffers, async ({ body }) => ({
    status: 200,
    body: { items: await findOffers(products, body) }
  })).router
