import { type Change, edited, type Versioned } from '@bulkhead/chassis/aggregates'
import { productChanged } from '../events.ts'
import type { Family } from '../families/schemas.ts'
import { checkComplete } from './completeness.ts'
import { checkConsistency } from './consistency.ts'
import { type StoredProduct, storedFields } from './document.ts'
import type { NewProduct } from './schemas.ts'

/**
 * Gives a product other editable fields. They must be consistent, and complete where it is published: else a 422. Where they
 * are as they were nothing changes, nor is checked: what its family asks for since then is for its next edit to bring.
 */
export function replaceFields(
  product: Versioned<StoredProduct>,
  fields: NewProduct,
  family: Family | undefined
): Change<StoredProduct> {
  const { id, version, status, createdAt, publishedAt } = product
  const state = { ...storedFields(fields), id, version, status, createdAt, ...(publishedAt && { publishedAt }) }
  const change = edited(product, state, productChanged)
  if (change.events.length === 0) return change
  checkConsistency(fields, family)
  if (status === 'published') checkComplete(state, family, '/body')
  return change
}
