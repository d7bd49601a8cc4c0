import { conflict, Problem } from '@bulkhead/chassis/core'
import { readInput } from '@bulkhead/chassis/http'
import type { Change, Versioned } from '@bulkhead/chassis/mongo'
import type { Family } from '../families/schemas.ts'
import { checkConsistency } from '../products/consistency.ts'
import { draftOf, type StoredProduct, shownProduct } from '../products/document.ts'
import { replaceFields } from '../products/editing.ts'
import { productCreated } from '../products/events.ts'
import { archive, publish } from '../products/publishing.ts'
import { newProduct } from '../products/schemas.ts'
import type { Column } from '../shopify/columns.ts'
import type { FileProduct } from './file-product.ts'
import { mergedFields, newFields } from './product-merge.ts'

export type Ground = {
  family: Family | undefined
  at: Date
  /** Told why a product that was taken is not published, or that nothing is to be said. A rule may be run again. */
  note: (problem: Problem | undefined) => void
}

/** A new product in the status of the file; one that may not be published stays a draft. */
export function createdByImport(imported: FileProduct, ground: Ground): Change<StoredProduct> {
  const fields = newFields(imported)
  readInput(newProduct, 'body', fields)
  checkConsistency(fields, ground.family)
  const draft = draftOf(fields, ground.at)
  const { state, events } = isArchivedBy(imported) ? archive(draft) : publishedBy(imported, draft, ground)
  return { state, events: [productCreated, ...events] }
}

/**
 * What the file makes of a product that is there. The file publishes a draft and archives what is not; it never takes a
 * published product back, nor an archived one out of the archive. Where nothing differs nothing changes.
 */
export function changedByImport(
  before: Versioned<StoredProduct>,
  imported: FileProduct,
  ground: Ground
): Change<StoredProduct> {
  if (before.handle !== imported.product.handle) throw conflict('handle-changed', 'Its handle was changed meanwhile')
  const { id, version, status, createdAt, publishedAt, ...present } = shownProduct(before)
  const fields = mergedFields(present, imported)
  // First: what leaves the shop need not be complete.
  const archival = isArchivedBy(imported) ? archive(before) : { state: before, events: [] }
  const edits = replaceFields({ ...archival.state, version }, fields, ground.family)
  if (edits.events.length > 0) readInput(newProduct, 'body', fields)
  const { state, events } = publishedBy(imported, edits.state, ground)
  return { state, events: [...edits.events, ...archival.events, ...events] }
}

const statusColumns = ['Status', 'Published'] satisfies Column[]

const saysStatus = ({ columns }: FileProduct) => statusColumns.some(column => columns.has(column))

const isArchivedBy = (imported: FileProduct) => saysStatus(imported) && imported.product.status === 'archived'

/** The product published where the file says so: a draft that is complete. */
function publishedBy(imported: FileProduct, state: StoredProduct, { family, at, note }: Ground): Change<StoredProduct> {
  note(undefined)
  const isMeant = saysStatus(imported) && imported.product.status === 'published'
  if (isMeant && state.status === 'archived') note(conflict('product-archived', 'It is archived, and stays so'))
  if (!isMeant || state.status !== 'draft') return { state, events: [] }
  try {
    return publish(state, family, at)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    note(error)
    return { state, events: [] }
  }
}
