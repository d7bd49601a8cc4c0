import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { type Clock, systemClock } from './clock.ts'

/**
 * The digits of Crockford's base32, which omits i, l, o and u. They are in the order of ASCII, so that encoded values sort like their
 * bytes.
 */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const UUID_BYTES = 16

/**
 * Creates an ID: `<prefix>_` and a UUID of version 7 (RFC 9562, section 5.7) as 26 lower-case characters of Crockford's base32. IDs sort by
 * the time of `clock`; IDs of the same millisecond have no order. `prefix` is a short lower-case word for the kind, such as `prd` in
 * `prd_06dk...`.
 */
export function newId(prefix: string, clock: Clock = systemClock): string {
  const bytes = randomBytes(UUID_BYTES)
  bytes.writeUIntBE(clock.now().getTime(), 0, 6)
  return idOf(prefix, bytes, 7)
}

/**
 * Creates an ID that nobody can guess, for a resource that is open to anyone who knows its ID: `<prefix>_` and a UUID of version 4 (section
 * 5.4) with 122 random bits, in the form of `newId`. It shows no time and has no order. The request log hides it.
 */
export const newSecretId = (prefix: string): string => idOf(prefix, randomBytes(UUID_BYTES), 4)

/** Formats the bytes as a UUID of this version, with the variant of RFC 9562. */
function idOf(prefix: string, bytes: Buffer, version: number) {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4)
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return `${prefix}_${base32(bytes)}`
}

/** Matches an ID whose UUID version is not 7. The eleventh character has the version. */
const SECRET_ID = new RegExp(`\\b([a-z]+_)[0-7][${ALPHABET}]{9}[^ef\\W_][${ALPHABET}]{15}\\b`, 'g')

/** Replaces the secret IDs in a path by `***`. */
export const withoutSecretIds = (path: string) => path.replace(SECRET_ID, '$1***')

const idSchemas = new Map<string, z.ZodString>()

/**
 * Returns the schema of IDs with `prefix`, which OpenAPI documents name `<prefix>Id`. It accepts any version of UUID, because only code
 * that makes or logs IDs looks at the version.
 */
export function idSchema(prefix: string): z.ZodString {
  const known = idSchemas.get(prefix)
  if (known) return known
  const schema = z
    .string()
    .regex(new RegExp(`^${prefix}_[0-7][${ALPHABET}]{25}$`), {
      error: `Must be ${prefix}_ and 26 characters of base32`,
      // In a union with an ID, zod then names the other alternatives too.
      abort: true
    })
    .meta({ id: `${prefix}Id`, examples: [`${prefix}_06dk3v5q8xte9s2w7m4c1znhb0`] })
  idSchemas.set(prefix, schema)
  return schema
}

/** Encodes 16 bytes as 26 characters of 5 bits each, the first of which begins with two zero bits. */
function base32(bytes: Uint8Array) {
  let text = ''
  let rest = 0
  let bits = 2
  for (const byte of bytes) {
    rest = (rest << 8) | byte
    for (bits += 8; bits >= 5; text += ALPHABET[(rest >> bits) & 31]) bits -= 5
  }
  return text
}
