import { operation, pageQuery, pageSchema } from '@bulkhead/chassis/contract'
import { idSchema, moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { importDocument, importId, importSummary, stockItem } from './schemas.ts'

const params = z.object({ id: importId })

/** Stores a product file in Shopify's format and answers before it is read. Returns 503 if too many imports wait. */
export const importProducts = operation({
  id: 'importProducts',
  method: 'post',
  path: '/imports',
  summary: "Import a product file (Shopify's CSV)",
  callers: ['staff'],
  query: z.object({
    currency: moneySchema.shape.currency.describe('Currency of the prices in the file'),
    family: idSchema('fam').optional().describe('Family that all products of the file get')
  }),
  upload: { type: 'text/csv', limit: 256 * 1024 * 1024 },
  answers: { 202: { description: 'The file is stored and will be read in the background', body: importDocument } }
})

export const getImport = operation({
  id: 'getImport',
  method: 'get',
  path: '/imports/{id}',
  summary: 'Get progress and errors of an import',
  callers: ['staff'],
  params,
  answers: { 200: { description: 'The import', body: importDocument } }
})

/** Lists imports. They are kept for 30 days. */
export const listImports = operation({
  id: 'listImports',
  method: 'get',
  path: '/imports',
  summary: 'List imports, latest first',
  callers: ['staff'],
  query: z.object(pageQuery),
  answers: { 200: { description: 'A page', body: pageSchema(importSummary) } }
})

/** Lists the quantities of an import. A page can have fewer items than `limit`. The last page has no `nextCursor`. */
export const getImportedStock = operation({
  id: 'getImportedStock',
  method: 'get',
  path: '/imports/{id}/stock',
  summary: 'List quantities by SKU in the file of an import',
  callers: ['staff', 'service:inventory'],
  params,
  query: z.object({ ...pageQuery, limit: z.coerce.number().int().min(1).max(1000).default(100) }),
  answers: { 200: { description: 'A page', body: pageSchema(stockItem) } }
})

export const importOperations = [importProducts, getImport, listImports, getImportedStock]
