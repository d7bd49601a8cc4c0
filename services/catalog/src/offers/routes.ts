import { operations } from '@bulkhead/chassis/http'
import type { Products } from '../store.ts'
import { offersOf } from './offers.ts'
import { listOffers } from './operations.ts'

export const offerRoutes = ({ products }: { products: Products }) =>
  operations().handle(listOffers, async ({ body }) => ({
    status: 200,
    body: { items: await offersOf(products, body) }
  })).router
