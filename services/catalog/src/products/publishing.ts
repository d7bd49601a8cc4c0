import { conflict } from '@bulkhead/chassis/core'
import type { Change } from '@bulkhead/chassis/mongo'
import type { Family } from '../families/schemas.ts'
import { checkComplete } from './completeness.ts'
import { checkAttributes } from './consistency.ts'
import { type StoredProduct, toAttributes } from './document.ts'
import { productArchived, productPublished } from './events.ts'

/**
 * Makes a product visible. A published product stays as it is. Throws a 409 for an archived product. Throws a 422 if the product is not
 * complete or its attributes do not have the types of its family.
 */
export function publish(
  product: StoredProduct,
  family: Family | null | undefined,
  publishedAt: Date
): Change<StoredProduct> {
  if (product.status === 'published') return { state: product, events: [] }
  if (product.status === 'archived') throw conflict('archived', 'An archived product can not be published')
  checkComplete(product, family, '')
  if (family) checkAttributes(toAttributes(product), family)
  return { state: { ...product, status: 'published', publishedAt }, events: [productPublished] }
}

/** Removes a product from the shop. An archived product stays as it is. */
export function archive(product: StoredProduct): Change<StoredProduct> {
  if (product.status === 'archived') return { state: product, events: [] }
  return { state: { ...product, status: 'archived' }, events: [productArchived] }
}
