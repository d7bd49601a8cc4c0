import { hash } from 'node:crypto'

/** The SHA-256 of a record. */
export const digestOf = (record: Uint8Array): Buffer => hash('sha256', record, 'buffer')

const MODULUS = 1n << 256n

/**
 * A digest of a set of records: the sum of their SHA-256, modulo 2^256. It does not depend on their order, because a store may return them
 * in another order than a dump. A changed, missing or additional record gives another sum.
 */
export class SetDigest {
  #sum = 0n
  count = 0
  bytes = 0

  /** Adds a record of `bytes` bytes with this digest. */
  add(digest: Uint8Array, bytes: number) {
    this.#sum = (this.#sum + BigInt(`0x${Buffer.from(digest).toString('hex')}`)) % MODULUS
    this.count++
    this.bytes += bytes
  }

  /** Returns the sum as 64 hexadecimal digits. */
  hex(): string {
    return this.#sum.toString(16).padStart(64, '0')
  }
}
