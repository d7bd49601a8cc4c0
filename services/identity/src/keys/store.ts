import { createPrivateKey, type KeyObject } from 'node:crypto'
import { type Clock, unavailable } from '@bulkhead/chassis/core'
import type { AppDeps } from '@bulkhead/chassis/http'
import { tryInsert } from '@bulkhead/chassis/mongo'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Db } from 'mongodb'
import { findExpired, getSigningKey, isNextDue, SCHEDULE, type Scheduled } from './schedule.ts'
import { seal, unseal } from './seal.ts'

type PublicKey = JWK & { kid: string }
/** A key as it is stored. Its `_id` is its number: if two replicas create the next key, one of the two writes fails. */
type StoredKey = Omit<Scheduled, 'number'> & { _id: number; public: PublicKey; sealedPrivate: string }
/** A key without its private part was sealed with another secret. */
type Key = Scheduled & { public: PublicKey; private: KeyObject | undefined }

type Options = {
  db: Db
  clock: Clock
  /** The secret that encrypts the private keys in the store. */
  secret: string
  log: AppDeps['log']
}

export type KeyRing = {
  /** Reads the keys from the store. */
  refresh(): Promise<void>
  /** Creates the next key when it is due, removes expired keys, and reads the keys. Two replicas may do this at the same time. */
  rotate(): Promise<void>
  /** Returns the key that signs now, with its ID. Throws a 503 if there is none. */
  signingKey(): { kid: string; key: KeyObject }
  /** Returns the public keys as JWKs (RFC 7517). */
  published(): PublicKey[]
}

/**
 * Opens the keys that sign access tokens, which the replicas share. While the store is unavailable, a replica uses the keys that it read
 * last.
 */
export function keyRing({ db, clock, secret, log }: Options): KeyRing {
  const stored = db.collection<StoredKey>('keys')
  let keys: Key[] = []
  const warned = new Set<number>()
  let reads = 0
  let latestRead = 0

  /** Reads the keys. Reads may overlap, so the result of an earlier read is dropped. */
  async function refresh() {
    const read = ++reads
    const documents = await stored.find().sort({ _id: 1 }).toArray()
    if (read < latestRead) return
    latestRead = read
    keys = documents.map(({ _id, sealedPrivate, ...key }) => {
      const known = keys.find(({ number }) => number === _id)?.private
      return { ...key, number: _id, private: known ?? unsealPrivateKey(sealedPrivate, secret) }
    })
    warnOfOtherSecret()
  }

  /** Warns once for each key that was sealed with another secret. */
  function warnOfOtherSecret() {
    for (const key of keys) {
      if (key.private || warned.has(key.number)) continue
      warned.add(key.number)
      log.warn(
        { kid: key.public.kid },
        'A signing key was sealed with another SIGNING_KEYS_SECRET: it stays published, but signs no more tokens'
      )
    }
  }

  async function create() {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
    const jwk = await exportJWK(publicKey)
    const now = clock.now()
    const key: StoredKey = {
      _id: Math.max(0, ...keys.map(({ number }) => number)) + 1,
      createdAt: now,
      signsFrom: keys.length === 0 ? now : new Date(now.getTime() + SCHEDULE.ahead),
      public: { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'EdDSA', use: 'sig' },
      sealedPrivate: seal(JSON.stringify(await exportJWK(privateKey)), secret)
    }
    // The result is false if another replica has already created the key with this number.
    await tryInsert(stored.insertOne(key))
  }

  const usableKeys = () => keys.filter(key => key.private)

  return {
    refresh,

    async rotate() {
      await refresh()
      const now = clock.now()
      if (isNextDue(usableKeys(), now)) await create()
      const expired = findExpired(keys, now)
      if (expired.length > 0) await stored.deleteMany({ _id: { $in: expired } })
      await refresh()
    },

    signingKey() {
      const key = getSigningKey(usableKeys(), clock.now())
      if (!key) throw unavailable('A signing key')
      return { kid: key.public.kid, key: key.private! }
    },

    published: () => keys.map(key => key.public)
  }
}

function unsealPrivateKey(sealed: string, secret: string): KeyObject | undefined {
  const jwk = unseal(sealed, secret)
  return jwk === undefined ? undefined : createPrivateKey({ key: JSON.parse(jwk), format: 'jwk' })
}
