import { eventLog } from '@bulkhead/chassis/event-log'
import { connectMongo } from '@bulkhead/chassis/mongo'
import { mongoOutbox } from '@bulkhead/chassis/outbox'
import { connectRedis } from '@bulkhead/chassis/redis'
import { runService } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { identityApp } from './app.ts'
import { bootstrapAccounts } from './bootstrap.ts'
import { identityConfig } from './config.ts'
import { identity } from './identity.ts'
import { tend } from './tending.ts'

await runService({
  manifest,
  config: identityConfig,
  environment: process.env,
  async build({ name: service, config, at, ...deps }) {
    const { log: logger, registry, clock } = deps
    const { db, close } = await connectMongo(config.MONGODB_URL, service)
    const logRedis = connectRedis(config.EVENT_LOG_URL, 'event log', logger)
    const log = eventLog({ redis: logRedis, service, clock, registry })
    const outbox = mongoOutbox({ service, db, log, clock, logger, registry, at })
    const { PEOPLE_ISSUER: issuer, SIGNING_KEYS_SECRET: secret } = config
    const passwords = { concurrency: config.PASSWORD_CONCURRENCY, queue: config.PASSWORD_QUEUE }
    const ours = await identity({ db, outbox, clock, registry, issuer, secret, passwords, at })
    if (config.BOOTSTRAP_ACCOUNTS_FILE) await bootstrapAccounts(config.BOOTSTRAP_ACCOUNTS_FILE, ours.accounts, clock)
    await outbox.start()
    const stopping = new AbortController()
    const tending = tend(ours, db, clock, { logger, signal: stopping.signal })
    return {
      app: identityApp({ identity: ours, ...deps }),
      async close() {
        stopping.abort()
        await tending
        await outbox.stop()
        logRedis.disconnect()
        await close()
      }
    }
  }
})
