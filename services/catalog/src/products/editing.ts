import { type Change, edited, type Versioned } from '@bulkhead/chassis/mongo'
import type { Family } from '../families/schemas.ts'
import { checkComplete } from './completeness.ts'
import { checkConsistency } from './consistency.ts'
import { type StoredProduct, storedFields } from './document.ts'
import { productChanged } from './events.ts'
import { type NewProduct, newProduct } from './schemas.ts'

/**
 * Gives a product other editable fields. They must be consistent, and complete where it is published: else a 422. Where they
 * are as they were nothing changes, and what its family asks for since then is for its next edit to bring.
 */
export function replaceFields(
  product: Versioned<StoredProduct>,
  fields: NewProduct,
  family: Family | undefined
): Change<StoredProduct> {
  const state = { ...notEditable(product), ...storedFields(fields) }
  const change = edited(product, state, productChanged)
  const isSame = change.events.length === 0
  checkConsistency(fields, isSame ? undefined : family)
  if (isSame) return change
  if (product.status === 'published') checkComplete(state, family, '/body')
  return change
}

const EDITABLE = new Set([...Object.keys(newProduct.shape), 'titleKey', 'skus'])

type NotEditable = Pick<Versioned<StoredProduct>, 'id' | 'version' | 'status' | 'createdAt' | 'publishedAt'>

/** All else of a product: also what a later release has written into it, as both run during an upgrade. */
const notEditable = (product: Versioned<StoredProduct>) =>
  Object.fromEntries(Object.entries(product).filter(([field]) => !EDITABLE.has(field))) as NotEditable
