import { createHash } from 'node:crypto'
import * as z from 'zod'
import type { Caller } from './caller.ts'
import { invalidInput, Problem } from './problem.ts'

/** The request that made an aggregate, kept in it: a digest of its caller and key, unique, and one of what it asked for. */
export type MadeBy = { key: string; content: string }

/** A caller's key for one creation; `of` adds what is asked for. */
export type RequestKey = { of(input: unknown): MadeBy }

/** The header (draft-ietf-httpapi-idempotency-key-header-07): long enough that a caller does not use one twice by chance. */
export const idempotencyKey = z
  .string()
  .regex(/^"?[\w.:+/=-]{8,200}"?$/)
  .meta({ description: 'Names this creation: sent again with it, it creates nothing new', examples: ['4f6c5d1e-9b1c'] })

/**
 * The key in an `Idempotency-Key` header, undefined without one; 400 for one that is malformed, or is not there though `required`.
 * Callers share no keys.
 */
export function requestKeyOf(header: string | undefined, caller: Caller, required = false): RequestKey | undefined {
  if (header === undefined && !required) return undefined
  const { success, data } = idempotencyKey.safeParse(header)
  if (!success) {
    const detail = header === undefined ? 'It is needed' : 'Must be 8 to 200 letters, digits or any of _ . : + / = -'
    throw invalidInput([{ pointer: '/headers/idempotency-key', detail }])
  }
  const key = digest([caller, data.replaceAll('"', '')])
  return { of: input => ({ key, content: digest(input) }) }
}

/** Throws a 422 where a key that was used for something else comes again. */
export function checkSameRequest(first: MadeBy, again: MadeBy) {
  if (first.content === again.content) return
  throw new Problem(422, 'idempotency-key-reused', 'The Idempotency-Key was used for another request')
}

const digest = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('base64url')
