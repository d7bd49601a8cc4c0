import { operation, page, paging } from '@bulkhead/chassis/contract'
import { idSchema, moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

const importId = idSchema('imp')

const count = z.int().min(0)

/** A row or product that was not taken as it stands in the file. */
export const importError = z.object({
  line: z.int().min(1).describe('Where the row starts in the file, from 1'),
  column: z.string().describe('Its name in the file; empty where the whole file is meant'),
  reason: z.string()
})

/** An import without its errors. Every row that was read is of a product or refused. */
const importSummary = z.object({
  id: importId,
  state: z.enum(['running', 'done', 'failed']),
  reason: z.string().optional().describe('Why it failed; what was taken before stays'),
  currency: moneySchema.shape.currency,
  family: idSchema('fam').optional(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().optional(),
  bytes: count.describe('Of the file'),
  bytesRead: count,
  rows: count.describe('Read so far, refused ones too'),
  refusedRows: count,
  products: count.describe('Taken so far: created, changed and unchanged ones'),
  created: count,
  changed: count,
  unchanged: count,
  errorCount: count
})

const importDocument = importSummary.extend({
  unknownColumns: z
    .array(z.string())
    .describe('Columns of the file that the format does not have, which are not read: the first 100'),
  errors: z.array(importError).describe('The first 1,000 of errorCount, and what ended the import where it failed')
})

const stockItem = z.object({ sku: z.string(), quantity: z.int() })

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
