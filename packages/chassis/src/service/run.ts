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
import { type EventLog, eventLog, measureEventLog } from '../events/index.ts'
import { connectRedis } from '../redis/index.ts'
import { assemble } from './assembly.ts'
import { type Built, type Service, usesEventLog } from './definition.ts'
import { collectGarbageWhenIdle } from './garbage.ts'
import { drainOnSignal, serve } from './process.ts'
import { startTracing } from './tracing.ts'

/**
 * Runs a service until its process ends: reads the configuration, opens the store, starts the workers, listens, and drains at a signal.
 * Prints the reason and ends the process with code 1 if the service can't start.
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
  // This comes first: a process with PID 1 ignores signals without a handler, and would be killed at the end of its grace period.
  let drain = async () => log.info('stopped before it was ready')
  drainOnSignal(() => drain(), log)
  const stopTracing = await startTracing({ config, service: { name, version: manifest.version }, log, registry })
  const verify = tokenVerifier({
    service: name,
    people: { issuer: config.PEOPLE_ISSUER, jwks: config.PEOPLE_JWKS },
    services: { issuer: config.SERVICES_ISSUER, jwks: config.SERVICES_JWKS, namespace: config.SERVICES_NAMESPACE },
    clock,
    log,
    registry,
    readAhead: true
  })
  const redis = usesEventLog(service) ? connectRedis(String(config.EVENT_LOG_URL), 'event log', log) : undefined
  if (redis) measureEventLog(redis, registry)
  const { app, stopWork, close } = await assemble(service, {
    config,
    log,
    registry,
    clock,
    verify,
    passFaultPoint: requestedFaults({ KILL_AT: config.KILL_AT, STOP_AT: config.STOP_AT }),
    eventLog:
      redis && service.events?.length
        ? eventLog({ redis, service: name, clock, registry, cap: config.EVENT_LOG_CAP })
        : noEventLog(name),
    events: service.handles && redis,
    token: serviceTokens(String(config.SERVICE_TOKENS_DIR ?? ''))
  })
  const server = await serve({
    config,
    app,
    log,
    registry,
    stopWork,
    async close() {
      await close()
      redis?.disconnect()
      await stopTracing()
    }
  })
  drain = server.drain
  collectGarbageWhenIdle()
  // This line comes last, because a reader of it may send a signal at once.
  log.info({ port: server.port, operationsPort: server.managementPort }, 'ready')
}

/** Returns the event log of a service whose definition has no events. The log refuses all events. */
function noEventLog(service: string): EventLog {
  const refuse = () => Promise.reject(new Error(`${service} publishes an event, but its definition has no events`))
  return { append: refuse, run: refuse, trim: refuse }
}
