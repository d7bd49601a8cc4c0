import { type CursorScope, decodeCursor, type Page, type SortValue, toPage } from '../contract/index.ts'
import type { Aggregates, Versioned } from './aggregates.ts'

/** A field of texts, numbers or dates that every item has and that is short enough for a cursor; `_id` breaks ties. IDs sort by the time of their making. */
export type Sort = { field: string; direction: 1 | -1 }

type List<T> = {
  filter: object
  sort: Sort
  limit: number
  cursor: string | undefined
  /** The list's name, its filters and its order: what a cursor is good for. */
  scope: CursorScope
  /** Where items may be large: a page ends early, with one item at least, once it has `most` of what `sizeOf` says of each. */
  budget?: { max: number; sizeOf: (item: Versioned<T>) => number }
}

/** A page of aggregates in a stable order, each once over all pages unless it is changed meanwhile. Throws a 400 for a bad cursor. */
export async function findPage<T extends { id: string }>(
  { find }: Pick<Aggregates<T>, 'find'>,
  list: List<T>
): Promise<Page<Versioned<T>>> {
  const { filter, sort, limit, cursor, scope, budget } = list
  const after = cursor === undefined ? {} : afterPlace(sort, decodeCursor(cursor, scope))
  const items = find({ ...filter, ...after } as Parameters<typeof find>[0])
    .sort({ [sort.field]: sort.direction, _id: sort.direction })
    .limit(limit + 1)
  if (!budget) return toPage(await items.toArray(), limit, scope, last => placeOf(last, sort))
  const found: Versioned<T>[] = []
  let size = 0
  for await (const item of items) {
    found.push(item)
    size += budget.sizeOf(item)
    // The last one is over the budget, and only shows that there are more.
    if (size > budget.max && found.length > 1)
      return toPage(found, found.length - 1, scope, last => placeOf(last, sort))
  }
  return toPage(found, limit, scope, last => placeOf(last, sort))
}

/** Of a date its milliseconds, and behind the ID that it is one: a store compares values of one type only. */
function placeOf<T extends { id: string }>(item: Versioned<T>, { field }: Sort): SortValue[] {
  if (field === '_id') return [item.id]
  const value: unknown = new Map(Object.entries(item)).get(field)
  if (value instanceof Date) return [value.getTime(), item.id, DATE]
  if (typeof value === 'string' || typeof value === 'number') return [value, item.id]
  throw new Error(`A list is sorted by ${field}, and ${item.id} has no text, number or date there`)
}

const DATE = 'date'

function afterPlace({ field, direction }: Sort, place: SortValue[]) {
  const isAfter = direction === 1 ? '$gt' : '$lt'
  const [first, id, kind] = place
  if (field === '_id') return { _id: { [isAfter]: String(first) } }
  const value = kind === DATE ? new Date(Number(first)) : first
  return { $or: [{ [field]: { [isAfter]: value } }, { [field]: value, _id: { [isAfter]: String(id) } }] }
}
