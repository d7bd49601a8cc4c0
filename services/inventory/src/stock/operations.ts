import { operation, page, paging } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { sku } from '../sku.ts'
import { adjustment, newAdjustment, stock, stockWithHolds } from './schemas.ts'

const one = z.object({ sku })
/** Characters of a list of SKUs in a URL: Node.js takes 16 KiB of a request's line and headers. */
const LONGEST_LIST = 8 * 1024
const isShortInUrl = (list: string) => encodeURIComponent(list.toWellFormed()).length <= LONGEST_LIST

const skus = z
  .string()
  .refine(isShortInUrl, `Is longer than ${LONGEST_LIST} characters in the URL: ask for fewer SKUs`)
  .transform(list => list.split(','))
  .pipe(z.array(sku).min(1).max(100))
  .describe(`SKUs, up to 100, with commas between; ${LONGEST_LIST} characters in the URL at most`)

/** One SKU's stock. 404 for one that never had any, which is to be taken as none there. */
export const getStock = operation({
  id: 'getStock',
  method: 'get',
  path: '/stock/{sku}',
  summary: 'The stock of a SKU',
  callers: ['public'],
  params: one,
  answers: { 200: { description: 'The stock', body: stockWithHolds } }
})

/** Stock by SKUs, those that never had any left out; or all of it page by page, in the order of SKUs. */
export const listStock = operation({
  id: 'listStock',
  method: 'get',
  path: '/stock',
  summary: 'The stock of some SKUs, or of all page by page',
  callers: ['public'],
  query: z.object({ skus: skus.optional(), ...paging }),
  answers: { 200: { description: 'A page', body: page(stock) } }
})

/**
 * Changes the pieces on hand, or sets them to what was counted. Never below what is held: 409 `stock-too-low`. An
 * `Idempotency-Key` is good for one SKU.
 */
export const adjustStock = operation({
  id: 'adjustStock',
  method: 'post',
  path: '/stock/{sku}/adjustments',
  summary: 'Adjust the stock of a SKU',
  callers: ['staff'],
  params: one,
  body: newAdjustment,
  example: { change: 20, reason: 'received' },
  keyed: true,
  answers: { 201: { description: 'The adjustment', body: adjustment } }
})

/** Every adjustment of a SKU, latest first. Their changes, less what committed reservations took, are the pieces on hand. */
export const listAdjustments = operation({
  id: 'listAdjustments',
  method: 'get',
  path: '/stock/{sku}/adjustments',
  summary: 'The adjustments of a SKU page by page, latest first',
  callers: ['staff'],
  params: one,
  query: z.object(paging),
  answers: { 200: { description: 'A page', body: page(adjustment) } }
})

export const stockOperations = [getStock, listStock, adjustStock, listAdjustments]
