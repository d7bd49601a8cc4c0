import { openMongoStore, runProgram } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { identityApp } from './app.ts'
import { bootstrapAccounts } from './bootstrap.ts'
import { identityConfig } from './config.ts'
import { identity } from './identity.ts'
import { tend } from './tending.ts'

await runProgram({
  manifest,
  config: identityConfig,
  environment: process.env,
  async build(ground) {
    const { config, log: logger, registry, clock } = ground
    const { db, outbox, close } = await openMongoStore(ground)
    const { PEOPLE_ISSUER: issuer, SIGNING_KEYS_SECRET: secret } = config
    const passwords = { concurrency: config.PASSWORD_CONCURRENCY, queue: config.PASSWORD_QUEUE }
    const ours = await identity({ db, outbox, clock, log: logger, registry, issuer, secret, passwords })
    if (config.BOOTSTRAP_ACCOUNTS_FILE) await bootstrapAccounts(config.BOOTSTRAP_ACCOUNTS_FILE, ours.accounts, clock)
    await outbox.start()
    const stopping = new AbortController()
    const tending = tend(ours, db, clock, { logger, signal: stopping.signal })
    return {
      app: identityApp({ identity: ours, ...ground }),
      async close() {
        stopping.abort()
        await tending
        await close()
      }
    }
  }
})
