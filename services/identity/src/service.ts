import { defineService, publishingMongoStore } from '@bulkhead/chassis/service'
import * as z from 'zod'
import manifest from '../package.json' with { type: 'json' }
import { bootstrapAccounts } from './accounts/bootstrap.ts'
import { accountOperations } from './accounts/operations.ts'
import { accountRoutes } from './accounts/routes.ts'
import { accountDocuments, accountStore } from './accounts/store.ts'
import { attemptStore } from './attempts/store.ts'
import { customerEraser } from './erasures/eraser.ts'
import { erasureEvents } from './erasures/events.ts'
import { erasureOperations } from './erasures/operations.ts'
import { erasureRoutes } from './erasures/routes.ts'
import { erasureStore } from './erasures/store.ts'
import { keyOperations } from './keys/operations.ts'
import { keyRoutes } from './keys/routes.ts'
import { keyRing } from './keys/store.ts'
import { maintenance } from './maintenance.ts'
import { passwordCheck } from './passwords/check.ts'
import { passwordMetrics, passwordQueue } from './passwords/queue.ts'
import { registrationOperations } from './registrations/operations.ts'
import { registrationRoutes } from './registrations/routes.ts'
import { registrationStore } from './registrations/store.ts'
import { accessTokenSigner } from './sessions/access-token.ts'
import { authenticator } from './sessions/authentication.ts'
import { sessionOperations } from './sessions/operations.ts'
import { sessionRoutes } from './sessions/routes.ts'
import { sessionMetrics, sessionStore } from './sessions/store.ts'

/** Settings for tests: the time between two runs of the maintenance (ms). */
type Settings = { maintenanceMs?: number }

export const identity = defineService({
  manifest,
  config: z.object({
    /** The secret that encrypts the private signing keys in the store. */
    SIGNING_KEYS_SECRET: z.string().min(32),
    /** Maximum number of passwords that are hashed at once (each occupies a thread and 19 MiB), and of passwords that wait. */
    PASSWORD_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(2),
    PASSWORD_QUEUE: z.coerce.number().int().min(0).max(10_000).default(32),
    /** A JSON file with accounts that must exist. */
    BOOTSTRAP_ACCOUNTS_FILE: z.string().min(1).optional()
  }),
  store: publishingMongoStore(),
  operations: [
    ...keyOperations,
    ...registrationOperations,
    ...sessionOperations,
    ...accountOperations,
    ...erasureOperations
  ],
  events: erasureEvents,
  metrics: [...passwordMetrics, ...sessionMetrics],
  async start({ db, outbox, config, background, clock, log, registry }, { maintenanceMs }: Settings = {}) {
    const documents = accountDocuments(db, outbox, clock)
    const accounts = await accountStore(documents, clock)
    const erasures = await erasureStore(documents, clock)
    const registrations = await registrationStore(db, clock)
    const sessions = await sessionStore({ db, clock, registry })
    const attempts = await attemptStore(db, clock)
    const keys = keyRing({ db, clock, secret: config.SIGNING_KEYS_SECRET, log })
    await keys.rotate()
    const bootstrapFile = config.BOOTSTRAP_ACCOUNTS_FILE
    if (bootstrapFile) await bootstrapAccounts(bootstrapFile, { accounts, erasures, clock })

    const limits = { concurrency: config.PASSWORD_CONCURRENCY, queue: config.PASSWORD_QUEUE }
    const queue = passwordQueue(limits, registry)
    const checkPassword = passwordCheck({ attempts, queue })
    const signAccessToken = accessTokenSigner({ keys, clock, issuer: config.PEOPLE_ISSUER })
    const authentication = authenticator({ accounts, sessions, checkPassword, signAccessToken })
    const eraser = customerEraser({ accounts, erasures, sessions, registrations, checkPassword })
    background.add(
      maintenance({
        keys,
        eraser,
        expiring: [registrations, sessions, attempts],
        db,
        clock,
        log,
        intervalMs: maintenanceMs
      })
    )
    return {
      registrations,
      sessions,
      attempts,
      keys,
      routes: [
        keyRoutes(keys),
        registrationRoutes({ registrations, accounts, queue }),
        sessionRoutes({ authentication, sessions, clock }),
        accountRoutes({ accounts, queue, clock }),
        erasureRoutes(erasures, eraser)
      ]
    }
  }
})
