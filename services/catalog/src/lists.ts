import * as z from 'zod'

/** What every list takes to give page after page. */
export const paging = { limit: z.coerce.number().int().min(1).max(100).default(20), cursor: z.string().optional() }

/** Up to 100 IDs, separated by commas. */
export const idList = (id: z.ZodString) =>
  z
    .string()
    .transform(list => list.split(','))
    .pipe(z.array(id).min(1).max(100))

/** A page; without `nextCursor` it is the last. */
export const page = (item: z.ZodType) => z.object({ items: z.array(item), nextCursor: z.string().optional() })
