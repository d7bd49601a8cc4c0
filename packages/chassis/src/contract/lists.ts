import * as z from 'zod'
import { type CursorScope, encodeCursor, type SortValue } from './cursor.ts'

/** What the query of every list takes to give page after page. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('Items of a page'),
  cursor: z.string().optional().describe('The nextCursor of the page before, with the same filters')
}

/** The query parameter `ids`: up to 100, separated by commas. One that comes again counts once: it would be shown again. */
export const idList = (id: z.ZodString) =>
  z
    .string()
    .transform(list => [...new Set(list.split(','))])
    .pipe(z.array(id).min(1).max(100))
    .describe('IDs, up to 100, with commas between')

/** A page of a list. Without `nextCursor` it is the last. */
export type Page<Item> = { items: Item[]; nextCursor?: string }

/** The schema of a page. */
export const pageSchema = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().optional().describe('Without it this page is the last') })

/** A page of what was found, which is one more than `limit` where there are more. `placeOf` gives an item's sort values. */
export function toPage<T>(found: T[], limit: number, scope: CursorScope, placeOf: (last: T) => SortValue[]): Page<T> {
  const items = found.slice(0, limit)
  const last = items.at(-1)
  return { items, ...(found.length > limit && last && { nextCursor: encodeCursor(placeOf(last), scope) }) }
}
