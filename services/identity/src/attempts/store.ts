import { createHash } from 'node:crypto'
import { type Clock, Problem } from '@bulkhead/chassis/core'
import { tryInsert } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import { removeAll } from '../removal.ts'
import {
  ACCOUNT_DELAY,
  ADDRESS_DELAY,
  type DelayRule,
  type FailedAttempts,
  getDelay,
  isForgotten,
  MEMORY_MS
} from './delay.ts'

/** The subject whose failures are counted: an account, an earlier session of its owner, or a client address. */
export type Subject = { kind: 'account' | 'session' | 'address'; name: string }

type StoredAttempts = FailedAttempts & { _id: string }

export type Attempts = {
  /** Throws a 429 with Retry-After while the subject must wait, even if there is no such account. */
  checkWait(subject: Subject): Promise<void>
  /** Counts an attempt as failed. Throws a 429 if there were too many attempts before it. */
  count(subject: Subject): Promise<void>
  /**
   * Forgives failures after a correct password: all failures of an account or a session, but only this attempt of an address, which others
   * share.
   */
  forgive(subject: Subject): Promise<void>
  /** Removes failures that no longer count. */
  sweep(): Promise<void>
}

const DELAYS: Record<Subject['kind'], DelayRule> = {
  account: ACCOUNT_DELAY,
  session: ACCOUNT_DELAY,
  address: ADDRESS_DELAY
}
const MAX_TRIES = 50

/**
 * Counts failed attempts to sign in, over all replicas. An attempt counts as failed before the password is checked, and is forgiven after a
 * correct password. So an attacker gains no guesses by sending many attempts at once.
 */
export async function attemptStore(db: Db, clock: Clock): Promise<Attempts> {
  const attempts = db.collection<StoredAttempts>('attempts')
  await attempts.createIndex({ lastAt: 1 })

  /** Stores new failures. Returns false if another request has counted an attempt in the meantime. */
  async function replace(_id: string, before: StoredAttempts | null, next: FailedAttempts): Promise<boolean> {
    if (before) return (await attempts.updateOne({ _id, count: before.count }, { $set: next })).matchedCount === 1
    return tryInsert(attempts.insertOne({ _id, ...next }))
  }

  return {
    async checkWait(subject) {
      const before = await attempts.findOne({ _id: keyOf(subject) })
      refuseWait(getDelay(before, DELAYS[subject.kind], clock.now()))
    },

    async count(subject) {
      const _id = keyOf(subject)
      for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
        const before = await attempts.findOne({ _id })
        const now = clock.now()
        refuseWait(getDelay(before, DELAYS[subject.kind], now))
        const count = before && !isForgotten(before, now) ? before.count + 1 : 1
        if (await replace(_id, before, { count, lastAt: now })) return
      }
      refuseWait(1)
    },

    async forgive(subject) {
      const _id = keyOf(subject)
      if (subject.kind !== 'address') await attempts.deleteOne({ _id })
      else await attempts.updateOne({ _id, count: { $gt: 0 } }, { $inc: { count: -1 } })
    },

    sweep: () => removeAll(attempts, { lastAt: { $lt: new Date(clock.now().getTime() - MEMORY_MS) } })
  }
}

/** Returns the key of a subject: a digest, so that the store shows no mail address and no client address. */
const keyOf = ({ kind, name }: Subject) => `${kind}:${createHash('sha256').update(name).digest('base64url')}`

/** Throws a 429 unless the wait is over. */
function refuseWait(milliseconds: number) {
  if (milliseconds <= 0) return
  const seconds = Math.ceil(milliseconds / 1_000)
  throw new Problem(429, 'too-many-attempts', 'Too many attempts to sign in', {
    detail: `Try again in ${seconds} s, or from a device that is or was signed in`,
    headers: { 'Retry-After': String(seconds) }
  })
}
