import type { Change, Versioned } from '@bulkhead/chassis/aggregates'
import { Problem } from '@bulkhead/chassis/problem'
import { productCreated } from '../events.ts'
import type { Family } from '../families/schemas.ts'
import { checkConsistency } from '../products/consistency.ts'
import { draftOf, type StoredProduct, shownProduct } from '../products/document.ts'
import { replaceFields } from '../products/editing.ts'
import { archive, publish } from '../products/publishing.ts'
import type { Column } from '../shopify/columns.ts'
import { type Imported, mergedFields, newFields } from './merge.ts'

type Ground = {
  family: Family | undefined
  at: Date
  /** Told why a product that was taken stays a draft, or that nothing is to be said. A rule may be run again. */
  note: (problem: Problem | undefined) => void
}

/** A new product in the status of the file; one that may not be published stays a draft. */
export function createdByImport(imported: Imported, ground: Ground): Change<StoredProduct> {
  const fields = newFields(imported)
  checkConsistency(fields, ground.family)
  const { state, events } = inStatusOf(imported, draftOf(fields, ground.at), ground)
  return { state, events: [productCreated, ...events] }
}

/**
 * What the file makes of a product that is there. The file publishes a draft and archives what is not; it never takes a
 * published product back, nor an archived one out of the archive. Where nothing differs nothing changes.
 */
export function changedByImport(
  before: Versioned<StoredProduct>,
  imported: Imported,
  ground: Ground
): Change<StoredProduct> {
  const { id, version, status, createdAt, publishedAt, ...present } = shownProduct(before)
  const fields = mergedFields(present, imported)
  checkConsistency(fields, ground.family)
  const edits = replaceFields(before, fields, ground.family)
  const { state, events } = inStatusOf(imported, edits.state, ground)
  return { state, events: [...edits.events, ...events] }
}

const statusColumns = ['Status', 'Published'] satisfies Column[]

function inStatusOf({ product, columns }: Imported, state: StoredProduct, { family, at, note }: Ground) {
  note(undefined)
  const unchanged: Change<StoredProduct> = { state, events: [] }
  if (!statusColumns.some(column => columns.has(column))) return unchanged
  if (product.status === 'archived') return archive(state)
  if (product.status === 'draft' || state.status !== 'draft') return unchanged
  try {
    return publish(state, family, at)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    note(error)
    return unchanged
  }
}
