import type { AppDeps } from '@bulkhead/chassis/http'
import type { MongoOutbox } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import { accessTokens } from './access-tokens.ts'
import { accountStore } from './accounts.ts'
import { attemptStore } from './attempts/store.ts'
import { credentials } from './credentials.ts'
import { erasing } from './erasing.ts'
import type { SCHEDULE } from './keys/schedule.ts'
import { keyRing } from './keys/store.ts'
import { boundedWork } from './passwords/bounded.ts'
import { registering } from './registering.ts'
import { registrationStore } from './registrations.ts'
import { sessionStore } from './sessions/store.ts'
import { signingIn } from './signing-in.ts'

type Options = Pick<AppDeps, 'clock' | 'log' | 'registry'> & {
  db: Db
  outbox: Pick<MongoOutbox, 'watch'>
  /** The `iss` of access tokens. */
  issuer: string
  secret: string
  passwords: { concurrency: number; queue: number }
  schedule?: typeof SCHEDULE
}

export type Identity = Awaited<ReturnType<typeof identity>>

/** All that identity keeps and does, on its store, with a key to sign with. */
export async function identity({ db, outbox, clock, log, registry, issuer, secret, passwords, schedule }: Options) {
  const accounts = accountStore(db, outbox, clock)
  const registrations = registrationStore(db, clock)
  const sessions = sessionStore({ db, clock, registry })
  const attempts = attemptStore(db, clock)
  const keys = keyRing({ db, clock, secret, log, ...(schedule && { schedule }) })
  for (const store of [accounts, registrations, sessions, attempts]) await store.index()
  await keys.rotate()

  const bounded = boundedWork(passwords, registry)
  const checks = credentials({ attempts, bounded })
  const accessToken = accessTokens({ keys, clock, issuer })
  return {
    ...{ accounts, registrations, sessions, attempts, keys },
    registering: registering({ accounts, registrations, bounded, clock }),
    signingIn: signingIn({ accounts, sessions, credentials: checks, accessToken }),
    erasing: erasing({ accounts, sessions, registrations, credentials: checks })
  }
}
