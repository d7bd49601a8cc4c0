import { defineService, publishingMongoStore } from '@bulkhead/chassis/service'
import * as z from 'zod'
import manifest from '../package.json' with { type: 'json' }
import { bootstrapAccounts } from './accounts/bootstrap.ts'
import { accountRoutes } from './accounts/routes.ts'
import { accountStore } from './accounts/store.ts'
import { attemptStore } from './attempts/store.ts'
import { erasing } from './erasures/eraser.ts'
import { allEvents } from './erasures/events.ts'
import { erasureRoutes } from './erasures/routes.ts'
import { keyRoutes } from './keys/routes.ts'
import { keyRing } from './keys/store.ts'
import { tending } from './maintenance.ts'
import { credentials } from './passwords/check.ts'
import { boundedWork } from './passwords/queue.ts'
import { registering } from './registrations/registering.ts'
import { registrationRoutes } from './registrations/routes.ts'
import { registrationStore } from './registrations/store.ts'
import { accessTokens } from './sessions/access-token.ts'
import { signingIn } from './sessions/authentication.ts'
import { allOperations } from './sessions/operations.ts'
import { sessionRoutes } from './sessions/routes.ts'
import { sessionStore } from './sessions/store.ts'

/** For tests: milliseconds between two runs of the maintenance. */
type Settings = { tendingMs?: number }

export const identity = defineService({
  manifest,
  config: z.object({
    /** Encrypts the private signing keys in the store. */
    SIGNING_KEYS_SECRET: z.string().min(32),
    /** Passwords that are hashed at the same time (each takes a thread and 19 MiB), and how many more may wait. */
    PASSWORD_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(2),
    PASSWORD_QUEUE: z.coerce.number().int().min(0).max(10_000).default(32),
    /** A JSON file with accounts that must exist. */
    BOOTSTRAP_ACCOUNTS_FILE: z.string().min(1).optional()
  }),
  store: publishingMongoStore(),
  operations: allOperations,
  events: allEvents,
  async start({ db, outbox, config, background, clock, log, registry }, { tendingMs }: Settings = {}) {
    const accounts = accountStore(db, outbox, clock)
    const registrations = registrationStore(db, clock)
    const sessions = sessionStore({ db, clock, registry })
    const attempts = attemptStore(db, clock)
    const keys = keyRing({ db, clock, secret: config.SIGNING_KEYS_SECRET, log })
    for (const store of [accounts, registrations, sessions, attempts]) await store.index()
    await keys.rotate()
    if (config.BOOTSTRAP_ACCOUNTS_FILE) await bootstrapAccounts(config.BOOTSTRAP_ACCOUNTS_FILE, accounts, clock)

    const passwords = { concurrency: config.PASSWORD_CONCURRENCY, queue: config.PASSWORD_QUEUE }
    const bounded = boundedWork(passwords, registry)
    const checks = credentials({ attempts, bounded })
    const accessToken = accessTokens({ keys, clock, issuer: config.PEOPLE_ISSUER })
    const registration = registering({ accounts, registrations, bounded, clock })
    const signIn = signingIn({ accounts, sessions, credentials: checks, accessToken })
    const erasure = erasing({ accounts, sessions, registrations, credentials: checks })
    background.add(
      tending({
        keys,
        erasing: erasure,
        swept: [registrations, sessions, attempts],
        db,
        clock,
        log,
        every: tendingMs
      })
    )
    return {
      registrations,
      sessions,
      attempts,
      keys,
      routes: [
        keyRoutes(keys),
        registrationRoutes(registration),
        sessionRoutes({ signingIn: signIn, sessions, clock }),
        accountRoutes(accounts, registration),
        erasureRoutes(accounts, erasure)
      ]
    }
  }
})
