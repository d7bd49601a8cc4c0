import type { Filter } from 'mongodb'
import { type CursorScope, decodeCursor, type Page, type SortValue, toPage } from '../contract/index.ts'
import type { StoredAggregate, Versioned } from './aggregate-document.ts'
import type { Aggregates } from './aggregates.ts'

/**
 * The order of a list. `field` has a text, number or date in every item, short enough for a cursor. Items with the same value are sorted by
 * `_id`, which means by age.
 */
export type Sort = { field: string; direction: 1 | -1 }

/** The query of a page. */
type PageQuery<T> = {
  filter: object
  sort: Sort
  limit: number
  cursor: string | undefined
  /** The list's name, its filters and its order, for which a cursor is valid. */
  scope: CursorScope
  /** A limit for large items: the page ends before the total size of its items exceeds `max`. It has at least one item. */
  budget?: { max: number; sizeOf: (item: Versioned<T>) => number }
}

/**
 * Finds a page of aggregates in a stable order. Over all pages, each aggregate comes once, unless it is changed meanwhile. Throws a 400 for
 * an invalid cursor.
 */
export async function findPage<T extends { id: string }>(
  { find }: Pick<Aggregates<T>, 'find'>,
  query: PageQuery<T>
): Promise<Page<Versioned<T>>> {
  const { filter, sort, limit, cursor, scope, budget } = query
  const after = cursor === undefined ? {} : afterPlace(sort, decodeCursor(cursor, scope))
  const items = find({ ...filter, ...after } as Filter<StoredAggregate<T>>)
    .sort({ [sort.field]: sort.direction, _id: sort.direction })
    .limit(limit + 1)
  if (!budget) return toPage(await items.toArray(), limit, scope, last => placeOf(last, sort))
  const pageItems: Versioned<T>[] = []
  let size = 0
  for await (const item of items) {
    pageItems.push(item)
    size += budget.sizeOf(item)
    // The last item is over the budget, and only shows that there are more items.
    if (size > budget.max && pageItems.length > 1)
      return toPage(pageItems, pageItems.length - 1, scope, last => placeOf(last, sort))
  }
  return toPage(pageItems, limit, scope, last => placeOf(last, sort))
}

/** Returns an item's sort values. A date becomes milliseconds and the mark `date`, because MongoDB only compares values of one type. */
function placeOf<T extends { id: string }>(item: Versioned<T>, { field }: Sort): SortValue[] {
  if (field === '_id') return [item.id]
  const value: unknown = new Map(Object.entries(item)).get(field)
  if (value instanceof Date) return [value.getTime(), item.id, DATE]
  if (typeof value === 'string' || typeof value === 'number') return [value, item.id]
  throw new Error(`The list is sorted by ${field}, but ${item.id} has no text, number or date in it`)
}

const DATE = 'date'

function afterPlace({ field, direction }: Sort, place: SortValue[]) {
  const isAfter = direction === 1 ? '$gt' : '$lt'
  const [first, id, kind] = place
  if (field === '_id') return { _id: { [isAfter]: String(first) } }
  const value = kind === DATE ? new Date(Number(first)) : first
  return { $or: [{ [field]: { [isAfter]: value } }, { [field]: value, _id: { [isAfter]: String(id) } }] }
}
