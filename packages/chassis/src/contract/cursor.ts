import { createHash } from 'node:crypto'
import * as z from 'zod'
import { invalidInput } from '../core/index.ts'

/** A value that a list is sorted by. Scalars only, so that no cursor can bring an operator into a query. */
const sortValue = z.union([z.string(), z.number(), z.boolean(), z.null()])

export type SortValue = z.infer<typeof sortValue>

/** What a cursor is good for: the list's name or its filters, as JSON. The order of fields does not matter. */
export type CursorScope = string | object

const content = z.tuple([z.string()], sortValue)

/** Characters of a cursor at most. */
const LIMIT = 1_024

/**
 * An opaque cursor (base64url, RFC 4648, section 5) at the place in a list that follows the sort `values` of the last item
 * shown, for the list `scope` only. Throws an Error when `values` are too long for a cursor. It is not signed: who forges
 * one gets another place in the same list, so a list must not hide anything by its cursor.
 */
export function encodeCursor(values: SortValue[], scope: CursorScope): string {
  const text = encoded(values, scope)
  if (text.length > LIMIT) throw new Error(`The sort values are too long for a cursor of ${LIMIT} characters`)
  return text
}

/**
 * The sort values of a cursor that `encodeCursor` gave for the same `scope`. Anything else is a 400 at `/query/cursor`. How many
 * values there are and of which types is for the caller to check.
 */
export function decodeCursor(text: string, scope: CursorScope): SortValue[] {
  const parsed = text.length <= LIMIT ? content.safeParse(parse(text)) : undefined
  const [, ...values] = parsed?.data ?? []
  // Only what encodes to the same text again is ours: that covers the scope, and every lax reading of base64, UTF-8 and JSON.
  if (!parsed?.success || encoded(values, scope) !== text) {
    throw invalidInput([
      { pointer: '/query/cursor', detail: 'Must be a nextCursor of this list with the same filters' }
    ])
  }
  return values
}

const encoded = (values: SortValue[], scope: CursorScope) =>
  Buffer.from(JSON.stringify([digest(scope), ...values])).toString('base64url')

/** The JSON in a cursor; undefined where there is none. */
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
