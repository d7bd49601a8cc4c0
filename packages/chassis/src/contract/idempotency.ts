import { createHash } from 'node:crypto'
import * as z from 'zod'
import { type Caller, conflict, invalidInput, Problem } from '../core/index.ts'

/** The request that made an aggregate, kept in it: a digest of its caller and key, unique, and one of what it asked for. */
export type MadeBy = { key: string; content: string }

/** A caller's key for one creation; `of` adds what is asked for. */
export type RequestKey = { withInput(input: unknown): MadeBy }

/** Tells a guest what a key has to be. */
const GUEST_KEY =
  'a UUID of version 4, 32 or more random hexadecimal digits, or 22 or more random characters of base64url'

/** The header (draft-ietf-httpapi-idempotency-key-header-07): long enough that a caller does not use one twice by chance. */
export const idempotencyKey = z
  .string()
  .regex(/^"?[\w.:+/=-]{8,200}"?$/)
  .meta({
    description:
      'Names this creation: a request that comes again with the same key creates nothing new. Each account and each service has its own ' +
      `keys. All guests share theirs, so the key of a caller without a token must be ${GUEST_KEY}`,
    examples: ['4f6c5d1e-9b1c-4a57-8d0e-2f3a6b7c8d9e']
  })

/** The header where keys are those of the resource in the path. */
export const resourceKey = idempotencyKey.meta({
  description:
    'Names this request: sent again with it, it changes nothing more and gets the same answer. Keys are those of the resource in the ' +
    'path, whoever sends them',
  examples: ['4f6c5d1e-9b1c-4a57-8d0e-2f3a6b7c8d9e']
})

/**
 * The key in an `Idempotency-Key` header; undefined without one. Throws a 400 for a malformed key, and for a missing one if it is
 * `required`. `owner` is whose keys they are: the caller's, or those of the `resource` in the path, which then keeps them. All guests share
 * one space of keys, as nothing tells one guest from another: 400 for a guest's key that others could guess.
 */
export function requestKeyOf(
  header: string | undefined,
  owner: Caller | 'resource',
  required = false
): RequestKey | undefined {
  if (header === undefined && !required) return undefined
  if (header === undefined) throw refused('This operation needs the header')
  const name = idempotencyKey.safeParse(header).data?.replaceAll('"', '')
  if (!name) throw refused('Must be 8 to 200 letters, digits or any of _ . : + / = -')
  if (owner !== 'resource' && owner.kind === 'anonymous' && !seemsRandom(name)) {
    throw refused(`Must be ${GUEST_KEY}: all guests share their keys, so nobody may guess one. Or send a token`)
  }
  const key = digest([owner, name])
  return { withInput: input => ({ key, content: digest(input) }) }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** The version and variant of a random UUID (RFC 9562, section 5.4). */
const RANDOM_UUID = /^.{14}4.{4}[89ab]/i
const HEX = /^[0-9a-f]+$/i
/** Characters that hold 128 bits. */
const [HEX_LENGTH, BASE64_LENGTH] = [32, 22]
/** Of random keys, fewer than one in 10^11 has fewer different characters. */
const LEAST_DIFFERENT = 6

/** Whether a key can have 128 random bits, as far as its text tells. A random UUID counts, though it has 122. */
function seemsRandom(key: string): boolean {
  if (new Set(key).size < LEAST_DIFFERENT || isRepetition(key)) return false
  if (UUID.test(key)) return RANDOM_UUID.test(key)
  const digits = key.replaceAll('-', '')
  return HEX.test(digits) ? digits.length >= HEX_LENGTH : key.length >= BASE64_LENGTH
}

/** Whether the text repeats its own beginning, as `abcabcab` does. */
function isRepetition(text: string): boolean {
  for (let period = 1; period <= text.length / 2; period++) if (text.startsWith(text.slice(period))) return true
  return false
}

const refused = (detail: string) => invalidInput([{ pointer: '/headers/idempotency-key', detail }])

/** Throws a 422 where a key that was used for something else comes again. */
export function checkSameRequest(first: MadeBy, again: MadeBy) {
  if (first.content === again.content) return
  throw keyReused()
}

/** 422: a key asks for something else than before. */
export const keyReused = () =>
  new Problem(422, 'idempotency-key-reused', 'The Idempotency-Key was used for another request')

/** 409: a key asks for what it made and what is gone by now. */
export const madeAndRemoved = () => conflict('made-and-removed', 'What the request made was removed since')

/** What the first request with a key made, as `read` finds it by now; 422 where that asked for something else, 409 where it was removed since. */
export async function earlierResult<T>(first: MadeBy, again: MadeBy, read: () => Promise<T | null>): Promise<T> {
  checkSameRequest(first, again)
  const made = await read()
  if (!made) throw madeAndRemoved()
  return made
}

const digest = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('base64url')
