import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(argon2)

/** The argon2id parameters of the OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane. */
const PARAMETERS = { memory: 19_456, passes: 2, parallelism: 1 }
const TAG_BYTES = 32
const SALT_BYTES = 16

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/

type HashParameters = typeof PARAMETERS

/** Hashes a password with argon2id (RFC 9106). Returns a PHC string. Occupies a thread for tens of milliseconds. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const tag = await deriveTag(password, salt, PARAMETERS, TAG_BYTES)
  return phcString(salt, tag)
}

/** Returns true if the hash was made from this password. Without a hash, returns false after the same time. */
export async function isRightPassword(password: string, hash = NO_ACCOUNT): Promise<boolean> {
  const [, memory, passes, parallelism, salt = '', tag = ''] = PHC.exec(hash) ?? []
  if (!tag) throw new Error('A stored password is not a PHC string of argon2id')
  const expected = Buffer.from(tag, 'base64')
  const parameters = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
  const actual = await deriveTag(password, Buffer.from(salt, 'base64'), parameters, expected.length)
  return timingSafeEqual(actual, expected) && hash !== NO_ACCOUNT
}

/** Normalises the password, because keyboards send the same text as different code points (NIST SP 800-63B, section 5.1.1.2). */
const deriveTag = (password: string, nonce: Buffer, parameters: HashParameters, tagLength: number): Promise<Buffer> =>
  derive('argon2id', { message: Buffer.from(password.normalize('NFKC')), nonce, tagLength, ...parameters })

function phcString(salt: Buffer, tag: Buffer) {
  const { memory, passes, parallelism } = PARAMETERS
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`
}

/** Encodes without padding, as in PHC strings. */
const base64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')

/** A hash with the usual parameters that matches no known password. A comparison with it takes the same time as with any other hash. */
const NO_ACCOUNT = phcString(randomBytes(SALT_BYTES), randomBytes(TAG_BYTES))
