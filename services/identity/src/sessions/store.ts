import { type Clock, unavailable } from '@bulkhead/chassis/core'
import type { Db } from 'mongodb'
import { Counter, type Registry } from 'prom-client'
import { KNOWN_MS, MOST_SESSIONS, SESSION_MS } from '../limits.ts'
import { removeAll } from '../removal.ts'
import { hashOf, newSalt, newToken, type RefreshToken, readToken, successor } from './refresh-token.ts'
import { type Session, standingOf } from './rotation.ts'

type Options = { db: Db; clock: Clock; registry: Registry }

/** A token with its session's account, epoch and end. */
export type Held = { token: RefreshToken; session: Pick<Session, '_id' | 'account' | 'epoch' | 'expiresAt'> }

export type Sessions = ReturnType<typeof sessionStore>

const TRIES = 20

/** The sessions of accounts, each a document: whoever holds its newest refresh token is signed in. */
export function sessionStore({ db, clock, registry }: Options) {
  const all = db.collection<Session>('sessions')
  const reused = new Counter({
    name: 'bulkhead_refresh_tokens_reused_total',
    help: 'Sessions that ended because a refresh token was used again: somebody has stolen it',
    registers: [registry]
  })

  /** The session that a token is of, also one that is over; undefined for any other token. */
  async function known(text: string | undefined) {
    const token = readToken(text)
    const session = token && (await all.findOne({ _id: token.session }))
    if (!token || !session) return undefined
    const standing = standingOf(token, session, clock.now())
    return standing === 'forged' ? undefined : { token, session, standing }
  }

  /** Replaces the token in one conditional write: of those who send it at the same time one does, and the others find it done. */
  async function replaced(token: RefreshToken, session: Session): Promise<RefreshToken | undefined> {
    const salt = newSalt()
    const next = successor(token, salt)
    const last = { turn: session.turn, salt, at: clock.now() }
    const { matchedCount } = await all.updateOne(
      { _id: session._id, turn: session.turn, endedAt: { $exists: false } },
      { $set: { turn: hashOf(next.turn), last } }
    )
    return matchedCount === 1 ? next : undefined
  }

  return {
    known,

    async index() {
      await all.createIndex({ account: 1, createdAt: 1 })
      await all.createIndex({ createdAt: 1 })
    },

    /** Begins a session, in the place of the one that the caller had before, and of the oldest where there are too many. */
    async begin(account: { id: string; epoch: number }, before?: string): Promise<Held> {
      const token = newToken()
      const now = clock.now()
      const session: Session = {
        ...{ _id: token.session, account: account.id, epoch: account.epoch },
        ...{ family: hashOf(token.family), turn: hashOf(token.turn) },
        ...{ createdAt: now, expiresAt: new Date(now.getTime() + SESSION_MS) }
      }
      await all.insertOne(session)
      const older = await all
        .find({ account: account.id })
        .sort({ createdAt: -1 })
        .skip(MOST_SESSIONS)
        .limit(100)
        .toArray()
      const gone = [...older.map(({ _id }) => _id), ...(before ? [before] : [])]
      if (gone.length > 0) await all.deleteMany({ _id: { $in: gone } })
      return { token, session }
    },

    /**
     * The successor of a token. Undefined for one that is no good; one that was replaced longer ago ends its session, and so every token
     * of it: who stole it and whom it was stolen from can't be told apart.
     */
    async rotate(text: string | undefined): Promise<Held | undefined> {
      for (let attempt = 1; attempt <= TRIES; attempt++) {
        const found = await known(text)
        if (!found || found.standing === 'over') return undefined
        const { token, session, standing } = found
        if (standing === 'reused') {
          await all.deleteOne({ _id: session._id })
          reused.inc()
          return undefined
        }
        const next = standing === 'retried' ? successor(token, session.last!.salt) : await replaced(token, session)
        if (next) return { token: next, session }
      }
      throw unavailable('The session')
    },

    /** Ends the session of a token. Who comes back from there is known still. */
    async end(text: string | undefined) {
      const found = await known(text)
      if (found)
        await all.updateOne({ _id: found.session._id }, { $set: { endedAt: clock.now() }, $unset: { last: '' } })
    },

    async endAllOf(account: string) {
      await all.deleteMany({ account })
    },

    /** Removes those that nobody is known by any more. */
    sweep: () => removeAll(all, { createdAt: { $lt: new Date(clock.now().getTime() - KNOWN_MS) } })
  }
}
