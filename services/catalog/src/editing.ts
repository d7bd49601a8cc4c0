import type { Versioned } from '@bulkhead/chassis/aggregates'
import { checkComplete } from './completeness.ts'
import { edited } from './edited.ts'
import { productChanged } from './events.ts'
import type { Family } from './family-schemas.ts'
import { type StoredProduct, storedFields } from './product-document.ts'
import type { NewProduct } from './product-schemas.ts'

/** Gives a product other editable fields, which must be consistent. A published one must stay complete: else a 422 as of `publish`. */
export function replaceFields(product: Versioned<StoredProduct>, fields: NewProduct, family: Family | undefined) {
  const { id, version, status, createdAt, publishedAt } = product
  const state = { ...storedFields(fields), id, version, status, createdAt, ...(publishedAt && { publishedAt }) }
  if (status === 'published') checkComplete(state, family)
  return edited(product, state, productChanged)
}
