import { randomFillSync } from 'node:crypto'
import * as z from 'zod'
import { type Clock, systemClock } from './clock.ts'

/** Crockford's base32: no i, l, o and u. Its order is that of ASCII, so that texts sort as their bytes. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** Random bytes got at once for 256 IDs: a call to the generator costs more than all the rest of making an ID. */
const pool = Buffer.alloc(16 * 256)
let used = pool.length

/**
 * A new ID: `<prefix>_` and a UUID of version 7 (RFC 9562, section 5.7) in Crockford's base32, lower case, 26 characters.
 * IDs of different milliseconds of `clock` sort by time; those of one millisecond in any order. `prefix` is a short
 * lower-case word that tells the kind, as in `prd_06dk...`.
 */
export function newId(prefix: string, clock: Clock = systemClock): string {
  const bytes = sixteenRandomBytes()
  bytes.writeUIntBE(clock.now().getTime(), 0, 6)
  return idOf(prefix, bytes, 7)
}

/**
 * A new ID that nobody can guess, for what is open to whoever knows its ID: `<prefix>_` and a UUID of version 4 (section 5.4), 122 random bits,
 * written as those of `newId`. It tells no time and sorts by nothing. Logs of requests do not show it.
 */
export const newSecretId = (prefix: string): string => idOf(prefix, sixteenRandomBytes(), 4)

/** The bytes as a UUID of a version and of the variant of RFC 9562. */
function idOf(prefix: string, bytes: Buffer, version: number) {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4)
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return `${prefix}_${base32(bytes)}`
}

/** An ID that is not of version 7: the version is in the eleventh character. */
const SECRET_ID = new RegExp(`\\b([a-z]+_)[0-7][${ALPHABET}]{9}[^ef\\W_][${ALPHABET}]{15}\\b`, 'g')

/** A path without the IDs in it that nobody is to learn. */
export const withoutSecretIds = (path: string) => path.replace(SECRET_ID, '$1***')

const idSchemas = new Map<string, z.ZodString>()

/**
 * The schema of IDs with `prefix`, in documents named `<prefix>Id`. It takes any version of UUID: only code that makes or logs an ID looks
 * into it.
 */
export function idSchema(prefix: string): z.ZodString {
  const known = idSchemas.get(prefix)
  if (known) return known
  const made = z
    .string()
    .regex(new RegExp(`^${prefix}_[0-7][${ALPHABET}]{25}$`), {
      error: `Must be ${prefix}_ and 26 characters of base32`,
      // Of a union with an ID, zod then names the other alternatives too.
      abort: true
    })
    .meta({ id: `${prefix}Id`, examples: [`${prefix}_06dk3v5q8xte9s2w7m4c1znhb0`] })
  idSchemas.set(prefix, made)
  return made
}

/** A part of the pool that nobody else gets before the pool is filled anew. */
function sixteenRandomBytes() {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += 16
  return pool.subarray(used - 16, used)
}

/** 16 bytes as 26 characters: two zero bits and the 128 bits, five a character. */
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
