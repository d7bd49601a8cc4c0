import { conflict } from '@bulkhead/chassis/core'
import type { Family } from '../families/schemas.ts'
import { checkComplete } from './completeness.ts'
import { checkAttributes } from './consistency.ts'
import { attributesOf, type StoredProduct } from './document.ts'
import { productArchived, productPublished } from './events.ts'

/** Makes a product visible. Fails with a 422 that names what is missing or not as its family says; published again, nothing changes. */
export function publish(product: StoredProduct, family: Family | null | undefined, at: Date) {
  if (product.status === 'published') return { state: product, events: [] }
  if (product.status === 'archived') throw conflict('archived', 'An archived product can not be published')
  checkComplete(product, family, '')
  if (family) checkAttributes(attributesOf(product), family)
  return { state: { ...product, status: 'published' as const, publishedAt: at }, events: [productPublished] }
}

/** Takes a product out of the shop. Archived again, nothing changes. */
export function archive(product: StoredProduct) {
  if (product.status === 'archived') return { state: product, events: [] }
  return { state: { ...product, status: 'archived' as const }, events: [productArchived] }
}
