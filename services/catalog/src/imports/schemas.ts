import { idSchema, moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

export const importId = idSchema('imp')

const count = z.int().min(0)

/** A row or product that was not taken as it stands in the file. */
const importError = z.object({
  line: z.int().min(1).describe('Where the row starts in the file, from 1'),
  column: z.string().describe('Its name in the file; empty where the whole file is meant'),
  reason: z.string()
})

/** An import without its errors. Every row that was read is of a product or refused. */
export const importSummary = z.object({
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

export const importDocument = importSummary.extend({
  unknownColumns: z
    .array(z.string())
    .describe('Columns of the file that the format does not have, which are not read: the first 100'),
  errors: z.array(importError).describe('The first 1,000 of errorCount, and what ended the import where it failed')
})

export const stockItem = z.object({ sku: z.string(), quantity: z.int() })

export type ImportError = z.infer<typeof importError>
export type StockItem = z.infer<typeof stockItem>
