import { type Change, edited, type Versioned } from '@bulkhead/chassis/mongo'
import type { Family } from '../families/schemas.ts'
import { checkComplete } from './completeness.ts'
import { checkConsistency } from './consistency.ts'
import { type StoredProduct, toStoredFields } from './document.ts'
import { productChanged } from './events.ts'
import { type NewProduct, newProduct } from './schemas.ts'

/**
 * Replaces the editable fields of a product. Throws a 422 if they are not consistent, or not complete for a published product. If no
 * field changes, the product's family is not checked: it can have changed since, and only an edit must fit it.
 */
export function replaceFields(
  product: Versioned<StoredProduct>,
  fields: NewProduct,
  family: Family | undefined
): Change<StoredProduct> {
  const state = { ...fixedFieldsOf(product), ...toStoredFields(fields) }
  const change = edited(product, state, productChanged)
  const isSame = change.events.length === 0
  checkConsistency(fields, isSame ? undefined : family)
  if (isSame) return change
  if (product.status === 'published') checkComplete(state, family, '/body')
  return change
}

const EDITABLE = new Set([...Object.keys(newProduct.shape), 'titleKey', 'skus'])

type FixedFields = Pick<Versioned<StoredProduct>, 'id' | 'version' | 'status' | 'createdAt' | 'publishedAt'>

/** The fields that staff can't edit, and those that a later release wrote: both releases run during an upgrade. */
const fixedFieldsOf = (product: Versioned<StoredProduct>) =>
  Object.fromEntries(Object.entries(product).filter(([field]) => !EDITABLE.has(field))) as FixedFields
