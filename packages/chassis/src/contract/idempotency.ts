import { createHash } from 'node:crypto'
import * as z from 'zod'
import { type Caller, conflict, invalidInput, Problem } from '../core/index.ts'

/**
 * The request that made an aggregate, as the aggregate stores it. `key` is a digest of the request's caller and `Idempotency-Key`, and is
 * unique; `content` is a digest of its input.
 */
export type MadeBy = { key: string; content: string }

/** A caller's key for one request. */
export type RequestKey = {
  /** Combines the key with the request's input, so that the service detects a different input with the same key. */
  withInput(input: unknown): MadeBy
}

/** Describes a valid key to a guest. */
const GUEST_KEY =
  'a UUID of version 4, 32 or more random hexadecimal digits, or 22 or more random characters of base64url'

/** The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header-07). Its minimum length prevents equal keys by chance. */
export const idempotencyKey = z
  .string()
  .regex(/^"?[\w.:+/=-]{8,200}"?$/)
  .meta({
    description:
      'Makes the request safe to repeat: with the same key, it creates nothing more. Each account and each service has its own keys. All ' +
      `guests share their keys, so the key of a caller without a token must be ${GUEST_KEY}`,
    examples: ['4f6c5d1e-9b1c-4a57-8d0e-2f3a6b7c8d9e']
  })

/** The `Idempotency-Key` header of an operation whose keys belong to the resource in the path. */
export const resourceKey = idempotencyKey.meta({
  description:
    'Makes the request safe to repeat: with the same key, it changes nothing more and gets the same answer. All callers share the keys of ' +
    'the resource in the path',
  examples: ['4f6c5d1e-9b1c-4a57-8d0e-2f3a6b7c8d9e']
})

/**
 * Reads an `Idempotency-Key` header. Returns undefined without one. Throws a 400 for a malformed key, and for a missing one if it is
 * `required`. `owner` is the owner of the key: the caller, or the `resource` in the path, which then stores the key. All guests share their
 * keys, because the service can't distinguish guests. So a guest gets a 400 for a key that others could guess.
 */
export function requestKeyOf(
  header: string | undefined,
  owner: Caller | 'resource',
  required = false
): RequestKey | undefined {
  if (header === undefined && !required) return undefined
  if (header === undefined) throw invalidKey('This operation needs the header')
  const name = idempotencyKey.safeParse(header).data?.replaceAll('"', '')
  if (!name) throw invalidKey('Must be 8 to 200 letters, digits or any of _ . : + / = -')
  if (owner !== 'resource' && owner.kind === 'anonymous' && !looksRandom(name)) {
    throw invalidKey(`Must be ${GUEST_KEY}: all guests share their keys, so nobody may guess one. Or send a token`)
  }
  const key = digest([owner, name])
  return { withInput: input => ({ key, content: digest(input) }) }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** Matches the version and variant of a random UUID (RFC 9562, section 5.4). */
const RANDOM_UUID = /^.{14}4.{4}[89ab]/i
const HEX = /^[0-9a-f]+$/i
/** The number of characters of 128 bits in hexadecimal and in base64url. */
const [HEX_LENGTH, BASE64_LENGTH] = [32, 22]
/** Minimum number of different characters in a key. Fewer than one in 10^11 random keys has fewer. */
const MIN_DIFFERENT = 6

/** Returns whether a key has the form of 128 random bits. A random UUID is accepted too, with its 122 bits. */
function looksRandom(key: string): boolean {
  if (new Set(key).size < MIN_DIFFERENT || isRepetition(key)) return false
  if (UUID.test(key)) return RANDOM_UUID.test(key)
  const digits = key.replaceAll('-', '')
  return HEX.test(digits) ? digits.length >= HEX_LENGTH : key.length >= BASE64_LENGTH
}

/** Returns whether the text is a repetition of its beginning, such as `abcabcab`. */
function isRepetition(text: string): boolean {
  for (let period = 1; period <= text.length / 2; period++) if (text.startsWith(text.slice(period))) return true
  return false
}

const invalidKey = (detail: string) => invalidInput([{ pointer: '/headers/idempotency-key', detail }])

/** Throws a 422 if a key is used again with a different input. */
export function checkSameRequest(first: MadeBy, repeated: MadeBy) {
  if (first.content !== repeated.content) throw keyReused()
}

/** 422: the key was used before with a different input. */
export const keyReused = () =>
  new Problem(422, 'idempotency-key-reused', 'The Idempotency-Key was used for another request')

/** 409: the first request with this key made a resource that was removed since. */
export const madeAndRemoved = () => conflict('made-and-removed', 'The resource that this request made was removed')

/**
 * Returns the current state of the resource that the first request with a key made. `read` reads it. Throws a 422 if the first request had
 * a different input, and a 409 if the resource was removed.
 */
export async function earlierResult<T>(first: MadeBy, repeated: MadeBy, read: () => Promise<T | null>): Promise<T> {
  checkSameRequest(first, repeated)
  const resource = await read()
  if (!resource) throw madeAndRemoved()
  return resource
}

const digest = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('base64url')
