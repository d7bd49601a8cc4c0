import { eventLog } from '../events/index.ts'
import { connectMongo, mongoOutbox } from '../mongo/index.ts'
import { connectRedis } from '../redis/index.ts'
import type { Ground } from './program.ts'

type StoreConfig = { MONGODB_URL: string; EVENT_LOG_URL: string; EVENT_LOG_CAP: number }

/**
 * Opens a service's own store of records, its connection to the event log (`logRedis`), and the outbox from the one to the other, to be
 * started when the collections of the service are there. Fails as `connectMongo` does; the event log may be away. `close` relays what is left first.
 */
export async function openMongoStore(ground: Ground<StoreConfig>) {
  const { name: service, config, log: logger, registry, clock, at } = ground
  const { db, close } = await connectMongo(config.MONGODB_URL, service, at)
  const logRedis = connectRedis(config.EVENT_LOG_URL, 'event log', logger)
  const log = eventLog({ redis: logRedis, service, clock, registry, cap: config.EVENT_LOG_CAP })
  const outbox = mongoOutbox({ service, db, log, clock, logger, registry, at })
  return {
    db,
    logRedis,
    outbox,
    async close() {
      await outbox.stop()
      logRedis.disconnect()
      await close()
    }
  }
}
