import { conflict, Problem } from '@bulkhead/chassis/core'
import { readInput } from '@bulkhead/chassis/http'
import type { Change, Versioned } from '@bulkhead/chassis/mongo'
import type { Family } from '../families/schemas.ts'
import { checkConsistency } from '../products/consistency.ts'
import { createDraft, type StoredProduct, toProduct } from '../products/document.ts'
import { replaceFields } from '../products/editing.ts'
import { productCreated } from '../products/events.ts'
import { archive, publish } from '../products/publishing.ts'
import { newProduct } from '../products/schemas.ts'
import type { Column } from '../shopify/columns.ts'
import type { FileProduct } from './file-product.ts'
import { mergeFields, newFields } from './product-merge.ts'

export type RuleContext = {
  family: Family | undefined
  now: Date
  /** Stores the reason why a product is written but not published. Undefined clears the reason, because a rule can run again. */
  setUnpublishedReason: (problem: Problem | undefined) => void
}

/** Creates a product with the status in the file. A product that can't be published stays a draft. Throws a 4xx for wrong fields. */
export function createByImport(fileProduct: FileProduct, context: RuleContext): Change<StoredProduct> {
  const fields = newFields(fileProduct)
  readInput(newProduct, 'body', fields)
  checkConsistency(fields, context.family)
  const draft = createDraft(fields, context.now)
  const { state, events } = isArchivedBy(fileProduct) ? archive(draft) : publishIfAsked(fileProduct, draft, context)
  return { state, events: [productCreated, ...events] }
}

/**
 * Changes a stored product by a file. The file publishes drafts and archives products. It never makes a published product a draft again,
 * and never restores an archived product. If nothing differs, the product stays as it is. Throws a 4xx for wrong fields.
 */
export function changeByImport(
  before: Versioned<StoredProduct>,
  fileProduct: FileProduct,
  context: RuleContext
): Change<StoredProduct> {
  if (before.handle !== fileProduct.product.handle) throw conflict('handle-changed', 'Its handle was changed meanwhile')
  const { id, version, status, createdAt, publishedAt, ...present } = toProduct(before)
  const fields = mergeFields(present, fileProduct)
  // Archive first, because an archived product need not be complete.
  const archival = isArchivedBy(fileProduct) ? archive(before) : { state: before, events: [] }
  const edits = replaceFields({ ...archival.state, version }, fields, context.family)
  if (edits.events.length > 0) readInput(newProduct, 'body', fields)
  const { state, events } = publishIfAsked(fileProduct, edits.state, context)
  return { state, events: [...edits.events, ...archival.events, ...events] }
}

const statusColumns = ['Status', 'Published'] satisfies Column[]

const hasStatus = ({ columns }: FileProduct) => statusColumns.some(column => columns.has(column))

const isArchivedBy = (fileProduct: FileProduct) => hasStatus(fileProduct) && fileProduct.product.status === 'archived'

/** Publishes a complete draft if the file asks for it. */
function publishIfAsked(
  fileProduct: FileProduct,
  state: StoredProduct,
  { family, now, setUnpublishedReason }: RuleContext
): Change<StoredProduct> {
  setUnpublishedReason(undefined)
  const isAsked = hasStatus(fileProduct) && fileProduct.product.status === 'published'
  if (isAsked && state.status === 'archived')
    setUnpublishedReason(conflict('product-archived', 'It is archived, and stays so'))
  if (!isAsked || state.status !== 'draft') return { state, events: [] }
  try {
    return publish(state, family, now)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    setUnpublishedReason(error)
    return { state, events: [] }
  }
}
