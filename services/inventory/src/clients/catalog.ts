import { defineNeed, needs } from '@bulkhead/chassis/contract'
import * as z from 'zod'

/** Inventory asks catalog for the quantities in the file of an import, page by page. */
export const catalogNeeds = needs('catalog', {
  getImportedStock: defineNeed({
    operation: 'getImportedStock',
    method: 'get',
    path: '/imports/{id}/stock',
    params: z.object({ id: z.string() }),
    query: z.object({ limit: z.int(), cursor: z.string().optional() }),
    reads: z.object({
      items: z.array(z.object({ sku: z.string(), quantity: z.number() })),
      nextCursor: z.string().optional()
    })
  })
})
