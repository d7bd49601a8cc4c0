import { createPrivateKey, type KeyObject } from 'node:crypto'
import { type Clock, unavailable } from '@bulkhead/chassis/core'
import type { AppDeps } from '@bulkhead/chassis/http'
import { isDuplicateKey } from '@bulkhead/chassis/mongo'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import type { Db } from 'mongodb'
import { isNextDue, outlived, SCHEDULE, type Scheduled, signer } from './schedule.ts'
import { opened, sealed } from './seal.ts'

/** The number is the `_id`, so that of two replicas that make the next key one does. */
type PublicKey = JWK & { kid: string }
type StoredKey = Omit<Scheduled, 'number'> & { _id: number; public: PublicKey; sealedPrivate: string }
type Key = Scheduled & { public: PublicKey; private: KeyObject | undefined }

type Options = {
  db: Db
  clock: Clock
  /** What the private keys are closed with in the store. */
  secret: string
  log: AppDeps['log']
  schedule?: typeof SCHEDULE
}

export type KeyRing = ReturnType<typeof keyRing>

/**
 * The keys that sign access tokens, shared by the replicas. What was read last goes on while the store is away. `refresh` reads them;
 * `rotate`, for one replica at a time, makes the next key when it is due and removes those that are over.
 */
export function keyRing({ db, clock, secret, log, schedule = SCHEDULE }: Options) {
  const stored = db.collection<StoredKey>('keys')
  let keys: Key[] = []
  /** Numbers of the keys that were logged as closed with another secret. */
  const logged = new Set<number>()

  async function refresh() {
    const found = await stored.find().sort({ _id: 1 }).toArray()
    keys = found.map(({ _id, sealedPrivate, ...key }) => {
      const known = keys.find(({ number }) => number === _id)?.private
      return { ...key, number: _id, private: known ?? privateKey(sealedPrivate, secret) }
    })
    for (const { number, private: usable, public: jwk } of keys) {
      if (usable || logged.has(number)) continue
      logged.add(number)
      log.warn(
        { kid: jwk.kid },
        'A signing key was closed with another SIGNING_KEYS_SECRET: it is published and signs no more'
      )
    }
  }

  async function make() {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })
    const jwk = await exportJWK(publicKey)
    const now = clock.now()
    const key: StoredKey = {
      _id: Math.max(0, ...keys.map(({ number }) => number)) + 1,
      createdAt: now,
      signsFrom: keys.length === 0 ? now : new Date(now.getTime() + schedule.ahead),
      public: { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'EdDSA', use: 'sig' },
      sealedPrivate: sealed(JSON.stringify(await exportJWK(privateKey)), secret)
    }
    await stored.insertOne(key).catch(error => {
      if (!isDuplicateKey(error)) throw error // else another replica made it
    })
  }

  /** Keys closed with another secret, as after that was lost, are published on, and sign no more. */
  const usable = () => keys.filter(key => key.private)

  return {
    refresh,

    async rotate() {
      await refresh()
      const now = clock.now()
      if (isNextDue(usable(), now, schedule)) await make()
      const over = outlived(keys, now, schedule)
      if (over.length > 0) await stored.deleteMany({ _id: { $in: over } })
      await refresh()
    },

    /** The key that signs now, with its ID. 503 where there is none. */
    signer() {
      const key = signer(usable(), clock.now())
      if (!key) throw unavailable('A key to sign with')
      return { kid: key.public.kid!, key: key.private! }
    },

    /** The public keys, as a JWK set (RFC 7517). */
    published: () => ({ keys: keys.map(key => key.public) })
  }
}

function privateKey(text: string, secret: string): KeyObject | undefined {
  const jwk = opened(text, secret)
  return jwk === undefined ? undefined : createPrivateKey({ key: JSON.parse(jwk), format: 'jwk' })
}
