import { createHash } from 'node:crypto'
import { type Clock, Problem } from '@bulkhead/chassis/core'
import { isDuplicateKey } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import { removeAll } from '../removal.ts'
import { type Attempts, FORGET_MS, isForgotten, OF_ACCOUNT, OF_ADDRESS, type Slowness, waitOf } from './delay.ts'

/** Whose attempts: those on an account, on an account from a session that its owner had, or from an address. */
export type Subject = { kind: 'account' | 'session' | 'address'; name: string }

type StoredAttempts = Attempts & { _id: string }

const SLOWNESS: Record<Subject['kind'], Slowness> = { account: OF_ACCOUNT, session: OF_ACCOUNT, address: OF_ADDRESS }
const TRIES = 50

export type AttemptStore = ReturnType<typeof attemptStore>

/**
 * Failed attempts to sign in, of all replicas. An attempt is counted as failed before the password is looked at, and forgiven when it was
 * right: so a thousand at once get no more guesses than one after another.
 */
export function attemptStore(db: Db, clock: Clock) {
  const all = db.collection<StoredAttempts>('attempts')

  /** 429 with Retry-After while the subject must wait, whether there is such an account or not. */
  async function checkWait(subject: Subject) {
    refuseTooMany(waitOf(await all.findOne({ _id: keyOf(subject) }), SLOWNESS[subject.kind], clock.now()))
  }

  /** Counts one. 429 where those before it were too many. */
  async function count(subject: Subject) {
    const _id = keyOf(subject)
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const before = await all.findOne({ _id })
      const now = clock.now()
      refuseTooMany(waitOf(before, SLOWNESS[subject.kind], now))
      const next = { count: before && !isForgotten(before, now) ? before.count + 1 : 1, lastAt: now }
      if (await replaced(_id, before, next)) return
    }
    refuseTooMany(1)
  }

  async function replaced(_id: string, before: StoredAttempts | null, next: Attempts) {
    if (before) return (await all.updateOne({ _id, count: before.count }, { $set: next })).matchedCount === 1
    return all.insertOne({ _id, ...next }).then(
      () => true,
      error => {
        if (isDuplicateKey(error)) return false // another was counted meanwhile
        throw error
      }
    )
  }

  return {
    checkWait,
    count,

    /** Forgets those of an account or a session, whose owner came in. Of an address, which others share, takes back one only. */
    async forgive(subject: Subject) {
      const _id = keyOf(subject)
      if (subject.kind !== 'address') await all.deleteOne({ _id })
      else await all.updateOne({ _id, count: { $gt: 0 } }, { $inc: { count: -1 } })
    },

    async index() {
      await all.createIndex({ lastAt: 1 })
    },

    /** Removes what is forgotten. */
    sweep: () => removeAll(all, { lastAt: { $lt: new Date(clock.now().getTime() - FORGET_MS) } })
  }
}

/** A digest: an address of mail or of a network is not to be read here, nor one of somebody who has no account. */
const keyOf = ({ kind, name }: Subject) => `${kind}:${createHash('sha256').update(name).digest('base64url')}`

function refuseTooMany(milliseconds: number) {
  if (milliseconds <= 0) return
  const seconds = Math.ceil(milliseconds / 1_000)
  throw new Problem(429, 'too-many-attempts', 'Too many attempts to sign in', {
    detail: `Try again in ${seconds} s, or from where you are or were signed in`,
    headers: { 'Retry-After': String(seconds) }
  })
}
