import { createHash } from 'node:crypto'
import * as z from 'zod'
import { invalidInput } from '../core/index.ts'

/** A value by which a list is sorted. It is a scalar, so that no cursor can put an operator into a query. */
const sortValue = z.union([z.string(), z.number(), z.boolean(), z.null()])

export type SortValue = z.infer<typeof sortValue>

/** The list for which a cursor is valid: its name or its filters, as JSON. The order of fields does not matter. */
export type CursorScope = string | object

const content = z.tuple([z.string()], sortValue)

/** Maximum length of a cursor, in characters. */
const MAX_LENGTH = 1_024

/**
 * Returns an opaque cursor (base64url, RFC 4648, section 5) for the list `scope`. It marks the place after the item with the sort `values`.
 * Throws an Error if the values are too long. Cursors are not signed: a forged cursor leads to a different place of the same list, so a
 * list must not rely on cursors to hide items.
 */
export function encodeCursor(values: SortValue[], scope: CursorScope): string {
  const text = encoded(values, scope)
  if (text.length > MAX_LENGTH) throw new Error(`The sort values are too long for a cursor of ${MAX_LENGTH} characters`)
  return text
}

/**
 * Returns the sort values of a cursor that `encodeCursor` made for the same `scope`. Throws a 400 at `/query/cursor` for any other text.
 * The caller checks the number and the types of the values.
 */
export function decodeCursor(text: string, scope: CursorScope): SortValue[] {
  const parsed = text.length <= MAX_LENGTH ? content.safeParse(parse(text)) : undefined
  const [, ...values] = parsed?.data ?? []
  // Encoding the values again must give the same text. This checks the scope, and refuses all malformed input that the parsers accept.
  if (!parsed?.success || encoded(values, scope) !== text) {
    throw invalidInput([
      { pointer: '/query/cursor', detail: 'Must be the nextCursor of a page of this list with the same filters' }
    ])
  }
  return values
}

const encoded = (values: SortValue[], scope: CursorScope) =>
  Buffer.from(JSON.stringify([digest(scope), ...values])).toString('base64url')

/** Returns the parsed JSON of a cursor; undefined if the cursor has none. */
function parse(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString())
  } catch {
    return undefined
  }
}

const digest = (scope: CursorScope) =>
  createHash('sha256').update(JSON.stringify(scope, sortedFields)).digest('base64url').slice(0, 16)

const sortedFields = (_name: string, value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value
