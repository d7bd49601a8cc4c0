import { operation, pageQuery, pageSchema } from '@bulkhead/chassis/contract'
import { skuSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { adjustment, newAdjustment, stock, stockWithHolds } from './schemas.ts'

const oneSku = z.object({ sku: skuSchema })
/** Maximum length of a list of SKUs in a URL, in characters: Node.js limits the request line and all headers to 16 KiB. */
const LONGEST_LIST = 8 * 1024
const fitsUrl = (list: string) => encodeURIComponent(list.toWellFormed()).length <= LONGEST_LIST

const skus = z
  .string()
  .refine(fitsUrl, `Must have at most ${LONGEST_LIST} characters in the URL: ask for fewer SKUs`)
  .transform(list => list.split(','))
  .pipe(z.array(skuSchema).min(1).max(100))
  .describe(`Up to 100 SKUs separated by commas, with at most ${LONGEST_LIST} characters in the URL`)

/** Returns the stock of one SKU. Returns 404 if the SKU never had any, which means that none can be sold. */
export const getStock = operation({
  id: 'getStock',
  method: 'get',
  path: '/stock/{sku}',
  summary: 'Get the stock of a SKU',
  callers: ['public'],
  params: oneSku,
  answers: { 200: { description: 'The stock', body: stockWithHolds } }
})

/**
 * Returns the stock of the SKUs in the query, and leaves out SKUs that never had any. Without SKUs in the query, returns all stock sorted
 * by SKU.
 */
export const listStock = operation({
  id: 'listStock',
  method: 'get',
  path: '/stock',
  summary: 'List the stock of some SKUs, or all stock page by page',
  callers: ['public'],
  query: z.object({ skus: skus.optional(), ...pageQuery }),
  answers: { 200: { description: 'A page of stock', body: pageSchema(stock) } }
})

/**
 * Changes the pieces on hand, or sets them to a count. Returns 409 `stock-too-low` if fewer pieces than are held would stay, and 409
 * `stock-too-high` above the limit. An `Idempotency-Key` is valid for one SKU.
 */
export const adjustStock = operation({
  id: 'adjustStock',
  method: 'post',
  path: '/stock/{sku}/adjustments',
  summary: 'Adjust the stock of a SKU',
  callers: ['staff'],
  params: oneSku,
  body: newAdjustment,
  example: { change: 20, reason: 'received' },
  keyed: true,
  answers: { 201: { description: 'The adjustment', body: adjustment } }
})

/** Lists all adjustments of a SKU, the latest first. The pieces on hand are their sum minus the pieces of all committed reservations. */
export const listAdjustments = operation({
  id: 'listAdjustments',
  method: 'get',
  path: '/stock/{sku}/adjustments',
  summary: 'List the adjustments of a SKU page by page, the latest first',
  callers: ['staff'],
  params: oneSku,
  query: z.object(pageQuery),
  answers: { 200: { description: 'A page of adjustments', body: pageSchema(adjustment) } }
})

export const stockOperations = [getStock, listStock, adjustStock, listAdjustments]
