import { invalidInput } from '@bulkhead/chassis/core'
import type { Sort, Versioned } from '@bulkhead/chassis/mongo'
import type * as z from 'zod'
import { PRODUCT_BYTES } from '../limits.ts'
import { pageBudget } from '../page-budget.ts'
import type { Products } from '../store.ts'
import { type StoredProduct, shownProduct } from './document.ts'
import { canonicalHandle } from './handle.ts'
import type { listProducts, productSort } from './operations.ts'

// IDs sort by the time of their making.
const sorts: Record<z.infer<typeof productSort>, Sort> = {
  createdAt: { field: '_id', direction: 1 },
  '-createdAt': { field: '_id', direction: -1 },
  title: { field: 'titleKey', direction: 1 },
  '-title': { field: 'titleKey', direction: -1 }
}

const budget = pageBudget(shownProduct)

/** The filter, order and scope of cursors of a list of products; `seesAll` is whether drafts and archived ones are among them. */
export function productList(query: z.infer<NonNullable<typeof listProducts.query>>, seesAll: boolean) {
  const { category, family, tag, status = seesAll ? undefined : 'published', sort } = query
  const handle = query.handle === undefined ? undefined : canonicalHandle(query.handle)
  const fields = { status, categories: category, family, tags: tag, handle }
  const filter = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
  return { filter, sort: sorts[sort], scope: { list: 'products', sort, ...filter }, budget }
}

/** Most bytes of products by IDs: they have no pages, and who asks for lines of a cart is not to be refused. */
const MOST_BY_IDS = 4 * PRODUCT_BYTES

/**
 * Those of the products that the caller may see, in the order of `ids`; `seesAll` as above. Throws a 400 where they are too large
 * together.
 */
export async function productsByIds({ find }: Products, ids: string[], seesAll: boolean) {
  const present = new Map<string, Versioned<StoredProduct>>()
  // So few can not be more: those of a cart's lines are not measured.
  const areFew = ids.length * PRODUCT_BYTES <= MOST_BY_IDS
  let size = 0
  for await (const product of find({ _id: { $in: ids }, ...(!seesAll && { status: 'published' }) })) {
    present.set(product.id, product)
    if (!areFew) size += budget.sizeOf(product)
    if (size > MOST_BY_IDS)
      throw invalidInput([{ pointer: '/query/ids', detail: 'Are of more than 16 MiB: ask for fewer' }])
  }
  return ids.flatMap(id => present.get(id) ?? [])
}
