import type * as z from 'zod'
import { requestedFaults } from '#faults'
import { serviceTokens, tokenVerifier } from '../auth/index.ts'
import type { Needs } from '../contract/index.ts'
import {
  BadConfiguration,
  readConfig,
  type ServiceConfig,
  serviceLog,
  serviceMetrics,
  systemClock
} from '../core/index.ts'
import { type EventLog, eventLog } from '../events/index.ts'
import { connectRedis } from '../redis/index.ts'
import { assemble } from './assembly.ts'
import { type Built, type Service, usesEventLog } from './definition.ts'
import { collectGarbageWhenIdle } from './garbage.ts'
import { drainOnSignal, serve } from './process.ts'

/**
 * The whole life of a service's process: configuration, store, workers, listening, draining. Ends the process with code 1 if it can't
 * start, and says why.
 */
export async function runService<Config extends z.ZodObject, Handle, N extends Needs, B extends Built, Settings>(
  service: Service<Config, Handle, N, B, Settings>,
  environment: Record<string, string | undefined>
) {
  try {
    await start(service, environment)
  } catch (error) {
    console.error(error instanceof BadConfiguration ? error.message : error)
    process.exit(1)
  }
}

async function start<Config extends z.ZodObject, Handle, N extends Needs, B extends Built, Settings>(
  service: Service<Config, Handle, N, B, Settings>,
  environment: Record<string, string | undefined>
) {
  const { name, manifest } = service
  const config = readConfig(service.environment, environment) as ServiceConfig & Record<string, unknown>
  const log = serviceLog({ service: name, version: manifest.version, level: config.LOG_LEVEL })
  const registry = serviceMetrics()
  const clock = systemClock
  // Before anything that takes time: as PID 1 it would ignore a signal that comes meanwhile, and be killed when its grace is over.
  let drain = async () => log.info('stopped before it was ready')
  drainOnSignal(() => drain(), log)
  const verify = tokenVerifier({
    service: name,
    people: { issuer: config.PEOPLE_ISSUER, jwks: config.PEOPLE_JWKS },
    services: { issuer: config.SERVICES_ISSUER, jwks: config.SERVICES_JWKS, namespace: config.SERVICES_NAMESPACE },
    clock,
    log,
    readAhead: true
  })
  const redis = usesEventLog(service) ? connectRedis(String(config.EVENT_LOG_URL), 'event log', log) : undefined
  const { app, stopWork, close } = await assemble(service, {
    config,
    log,
    registry,
    clock,
    verify,
    passFaultPoint: requestedFaults({ KILL_AT: config.KILL_AT, STOP_AT: config.STOP_AT }),
    eventLog: redis ? eventLog({ redis, service: name, clock, registry, cap: config.EVENT_LOG_CAP }) : noEventLog(name),
    events: service.handles && redis,
    token: serviceTokens(String(config.SERVICE_TOKENS_DIR ?? ''))
  })
  const served = await serve({
    config,
    app,
    log,
    registry,
    stopReading: stopWork,
    async close() {
      await close()
      redis?.disconnect()
    }
  })
  drain = served.drain
  collectGarbageWhenIdle()
  // Only now: whoever reads this may send a signal.
  log.info({ port: served.port, operationsPort: served.operationsPort }, 'ready')
}

/** In place of the event log for a service whose definition names no events. */
function noEventLog(service: string): EventLog {
  const refuse = () => Promise.reject(new Error(`${service} publishes an event, but its definition names none`))
  return { append: refuse, run: refuse, trim: refuse }
}
