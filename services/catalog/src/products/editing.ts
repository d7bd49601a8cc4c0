import { type Change, edited, type Versioned } from '@bulkhead/chassis/mongo'
import type { Family } from '../families/schemas.ts'
import { checkComplete } from './completeness.ts'
import { checkConsistency } from './consistency.ts'
import { type StoredProduct, toStoredFields } from './document.ts'
import { productChanged } from './events.ts'
import { type NewProduct, newProduct } from './schemas.ts'

/**
 * Replaces the editable fields of a product. Throws a 422 if the fields are not consistent, or if a published product would become
 * incomplete. If no field changes, the product is not checked against its family, which can have changed since: only an edit must fit the
 * family.
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

/** Returns the fields that staff can't edit, including fields that a later release wrote: both releases run during an upgrade. */
const fixedFieldsOf = (product: Versioned<StoredProduct>) =>
  Object.fromEntries(Object.entries(product).filter(([field]) => !EDITABLE.has(field))) as FixedFields
