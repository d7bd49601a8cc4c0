import * as z from 'zod'
import { type CursorScope, encodeCursor, type SortValue } from './cursor.ts'

/** The query parameters that every list has for its pages. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('The most items of a page'),
  cursor: z.string().optional().describe('The nextCursor of the previous page, with the same filters')
}

/**
 * Returns the schema of the query parameter `ids`: up to 100 IDs, separated by commas. The schema drops repeated IDs, so that the list has
 * each item once.
 */
export const idList = (id: z.ZodString) =>
  z
    .string()
    .transform(list => [...new Set(list.split(','))])
    .pipe(z.array(id).min(1).max(100))
    .describe('Up to 100 IDs, separated by commas')

/** A page of a list. The last page has no `nextCursor`. */
export type Page<Item> = { items: Item[]; nextCursor?: string | undefined }

/** Returns the schema of a page. */
export const pageSchema = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional().describe('Missing in the last page') })

/**
 * Returns a page of at most `limit` items. If the list has more items, pass one item more, which only shows that a page follows. `placeOf`
 * returns the sort values of the page's last item, for the cursor.
 */
export function toPage<T>(items: T[], limit: number, scope: CursorScope, placeOf: (last: T) => SortValue[]): Page<T> {
  const pageItems = items.slice(0, limit)
  const last = pageItems.at(-1)
  return { items: pageItems, nextCursor: items.length > limit && last ? encodeCursor(placeOf(last), scope) : undefined }
}
