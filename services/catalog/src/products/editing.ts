import type { Versioned } from '@bulkhead/chassis/aggregates'
import { edited } from '@bulkhead/chassis/aggregates'
import { productChanged } from '../events.ts'
import type { Family } from '../families/schemas.ts'
import { checkComplete } from './completeness.ts'
import { type StoredProduct, storedFields } from './document.ts'
import type { NewProduct } from './schemas.ts'

/** Gives a product other editable fields, which must be consistent. A published one must stay complete: else a 422 as of `publish`. */
export function replaceFields(product: Versioned<StoredProduct>, fields: NewProduct, family: Family | undefined) {
  const { id, version, status, createdAt, publishedAt } = product
  const state = { ...storedFields(fields), id, version, status, createdAt, ...(publishedAt && { publishedAt }) }
  if (status === 'published') checkComplete(state, family)
  return edited(product, state, productChanged)
}
