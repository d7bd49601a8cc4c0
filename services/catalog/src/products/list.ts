import type { Sort } from '@bulkhead/chassis/aggregate-pages'
import type * as z from 'zod'
import type { listProducts, productSort } from './operations.ts'

// By ID is by the time of making.
const sorts: Record<z.infer<typeof productSort>, Sort> = {
  createdAt: { field: '_id', direction: 1 },
  '-createdAt': { field: '_id', direction: -1 },
  title: { field: 'titleKey', direction: 1 },
  '-title': { field: 'titleKey', direction: -1 }
}

/** The filter, order and scope of cursors of a list of products; `seesAll` is whether drafts and archived ones are among them. */
export function productList(query: z.infer<NonNullable<typeof listProducts.query>>, seesAll: boolean) {
  const { category, family, tag, handle, status = seesAll ? undefined : 'published', sort } = query
  const fields = { status, categories: category, family, tags: tag, handle }
  const filter = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  return { filter, sort: sorts[sort], scope: { list: 'products', sort, ...filter } }
}
