import { operation, page, paging } from '@bulkhead/chassis/contract'
import { idSchema, moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { importDocument, importId, importSummary, stockItem } from './schemas.ts'

const one = z.object({ id: importId })

/** Stores a product file in Shopify's format and answers before it is read. 503 while too many others wait. */
export const importProducts = operation({
  id: 'importProducts',
  method: 'post',
  path: '/imports',
  summary: "Import a product file (Shopify's CSV)",
  callers: ['staff'],
  query: z.object({
    currency: moneySchema.shape.currency.describe('Of the prices in the file'),
    family: idSchema('fam').optional().describe('Of all its products')
  }),
  upload: { type: 'text/csv', limit: 256 * 1024 * 1024 },
  answers: { 202: { description: 'The file is stored and is read in the background', body: importDocument } }
})

/** How far an import is, and what it refused. */
export const getImport = operation({
  id: 'getImport',
  method: 'get',
  path: '/imports/{id}',
  summary: 'Progress and errors of an import',
  callers: ['staff'],
  params: one,
  answers: { 200: { description: 'The import', body: importDocument } }
})

/** Imports of the last 30 days, latest first. */
export const listImports = operation({
  id: 'listImports',
  method: 'get',
  path: '/imports',
  summary: 'Imports page by page, latest first',
  callers: ['staff'],
  query: z.object(paging),
  answers: { 200: { description: 'A page', body: page(importSummary) } }
})

/** What the file says of quantities, for whoever keeps stock. A page may be shorter than `limit`; the last has no `nextCursor`. */
export const getImportedStock = operation({
  id: 'getImportedStock',
  method: 'get',
  path: '/imports/{id}/stock',
  summary: 'Quantities by SKU in the file of an import',
  callers: ['staff', 'service:inventory'],
  params: one,
  query: z.object({ ...paging, limit: z.coerce.number().int().min(1).max(1000).default(100) }),
  answers: { 200: { description: 'A page', body: page(stockItem) } }
})

export const importOperations = [importProducts, getImport, listImports, getImportedStock]
