import { idSchema, moneySchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

export const importId = idSchema('imp')

const count = z.int().min(0)

/** A row or product of a file that was refused or changed. */
const importError = z.object({
  line: z.int().min(1).describe('Line in the file where the row starts, from 1'),
  column: z.string().describe('Name of the column in the file; empty for an error of the whole file'),
  reason: z.string()
})

/** An import without its errors. Every row that was read belongs to a product or was refused. */
export const importSummary = z.object({
  id: importId,
  state: z.enum(['running', 'done', 'failed']),
  reason: z.string().optional().describe('Why it failed; products that it wrote before stay'),
  currency: moneySchema.shape.currency,
  family: idSchema('fam').optional(),
  createdAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().optional(),
  bytes: count.describe('Size of the file'),
  bytesRead: count,
  rows: count.describe('Rows read so far, with refused ones'),
  refusedRows: count,
  products: count.describe('Products imported so far: created, changed and unchanged ones'),
  created: count,
  changed: count,
  unchanged: count,
  errorCount: count
})

export const importDocument = importSummary.extend({
  unknownColumns: z
    .array(z.string())
    .describe('The first 100 columns of the file that the format does not have; they are not read'),
  errors: z.array(importError).describe('The first 1,000 errors, and the error that made the import fail')
})

export const stockItem = z.object({ sku: z.string(), quantity: z.int() })

export type ImportError = z.infer<typeof importError>
export type StockItem = z.infer<typeof stockItem>
