import type { Client } from '@bulkhead/chassis/client'
import { type Context, Problem, unavailable } from '@bulkhead/chassis/core'
import type { NewOrder } from '../orders/schemas.ts'
import type { catalogNeeds, Offer } from './needs.ts'

export type Catalog = Omit<Client<typeof catalogNeeds.operations>, 'close'>

/** Bytes of a hundred offers at most: catalog promises that they fit. */
export const catalogLimits = { answerSize: 2 * 1024 * 1024 }

/**
 * Catalog's offers of an order's lines. Throws a 422 if their products have too many variants to be looked through at once, and a 503 if
 * catalog is away or an older release that has no such operation.
 */
export async function offersFor({ lines, currency }: NewOrder, catalog: Catalog, context: Context): Promise<Offer[]> {
  const body = { currency, lines: lines.map(({ productId, sku }) => ({ productId, sku })) }
  try {
    return (await catalog.listOffers({ body }, context)).items
  } catch (error) {
    const { status } = error as { status?: number }
    if (status === 422) throw tooLarge()
    throw status === 404 ? unavailable('catalog', 1, error) : error
  }
}

const tooLarge = () =>
  new Problem(422, 'order-too-large', 'The order is too large', {
    errors: [{ pointer: '/body/lines', detail: 'Its products have too many variants. Order some of them apart.' }]
  })
