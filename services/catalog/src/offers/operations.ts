import { operation } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { MOST_OFFERS, offer, offerQuery } from './schemas.ts'

/** Maximum bytes of a request. In JSON, each character of a SKU can take six bytes. */
const QUERY_BYTES = 256 * 1024

/**
 * Lists the offers of variants. It is a POST although it changes nothing, because a hundred of the longest SKUs do not fit into a URL. The
 * answer leaves out lines whose product is not published, and has at most `OFFERS_BYTES`. Returns 422 if the products have too many
 * variants and prices to look through.
 */
export const listOffers = operation({
  id: 'listOffers',
  method: 'post',
  path: '/offers',
  summary: `Get price, tax and shipping of up to ${MOST_OFFERS} variants, for a cart or an order`,
  callers: ['public'],
  body: offerQuery,
  example: { currency: 'EUR', lines: [{ productId: 'prd_06dk3v5q8xte9s2w7m4c1znhb0', sku: 'MUG-BLUE' }] },
  bodyLimit: QUERY_BYTES,
  answers: { 200: { description: 'The offers, in the order of the lines', body: z.object({ items: z.array(offer) }) } }
})

export const offerOperations = [listOffers]
