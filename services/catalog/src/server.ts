import { systemClock } from '@bulkhead/chassis/clock'
import { BadConfiguration, readConfig } from '@bulkhead/chassis/config'
import { eventLog } from '@bulkhead/chassis/event-log'
import { serviceLog } from '@bulkhead/chassis/log'
import { serviceMetrics } from '@bulkhead/chassis/metrics'
import { connectMongo } from '@bulkhead/chassis/mongo'
import { mongoOutbox } from '@bulkhead/chassis/outbox'
import { drainOnSignal, serve } from '@bulkhead/chassis/process'
import { connectRedis } from '@bulkhead/chassis/redis'
import { tokenVerifier } from '@bulkhead/chassis/tokens'
import manifest from '../package.json' with { type: 'json' }
import { catalogApp } from './app.ts'
import { catalogConfig } from './config.ts'
import { productStore } from './store.ts'

const service = 'catalog'

async function start() {
  const config = readConfig(catalogConfig, process.env)
  const log = serviceLog({ service, version: manifest.version, level: config.LOG_LEVEL })
  const registry = serviceMetrics()
  const clock = systemClock
  const { db, close } = await connectMongo(config.MONGODB_URL, service)
  const redis = connectRedis(config.EVENT_LOG_URL, 'event log', log)
  const outbox = mongoOutbox({
    service,
    db,
    log: eventLog({ redis, service, clock, registry }),
    clock,
    logger: log,
    registry
  })
  const products = await productStore(db, outbox, clock)
  const verify = tokenVerifier({
    service,
    people: { issuer: config.PEOPLE_ISSUER, jwks: config.PEOPLE_JWKS },
    services: { issuer: config.SERVICES_ISSUER, jwks: config.SERVICES_JWKS, namespace: config.SERVICES_NAMESPACE },
    clock
  })
  await outbox.start()
  const { drain } = await serve({
    config,
    app: catalogApp({ products, clock, log, registry, verify }),
    log,
    registry,
    close: async () => {
      await outbox.stop()
      redis.disconnect()
      await close()
    }
  })
  drainOnSignal(drain, log)
}

start().catch(error => {
  console.error(error instanceof BadConfiguration ? error.message : error)
  process.exit(1)
})
