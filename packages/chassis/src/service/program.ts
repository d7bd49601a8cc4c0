import type { RequestListener } from 'node:http'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type * as z from 'zod'
import { askedFaults } from '#faults'
import { tokenVerifier } from '../auth/index.ts'
import {
  BadConfiguration,
  type FaultPoint,
  readConfig,
  type ServiceConfig,
  serviceLog,
  serviceMetrics,
  systemClock
} from '../core/index.ts'
import type { AppDeps } from '../http/index.ts'
import { collectGarbageWhenIdle } from './garbage.ts'
import { drainOnSignal, serve } from './process.ts'

/** What a service is built from. `name` is that of its package without the scope. */
export type Ground<Config> = AppDeps & {
  name: string
  config: Config
  log: Logger
  registry: Registry
  /** For outboxes and consumers. */
  at: FaultPoint
}

/** A service that is ready to listen, and what `serve` calls as it drains. */
type Built = { app: RequestListener; stopReading?: () => Promise<unknown>; close?: () => Promise<unknown> }

type Program<Schema extends z.ZodType<ServiceConfig>> = {
  /** The service's package.json. */
  manifest: { name: string; version: string }
  config: Schema
  environment: Record<string, string | undefined>
  /** Connects what the service needs and makes its app. */
  build: (ground: Ground<z.infer<Schema>>) => Promise<Built>
}

/** The whole life of a service's process: configuration, `build`, listen, drain. Ends it with code 1 when it can't start. */
export async function runProgram<Schema extends z.ZodType<ServiceConfig>>(program: Program<Schema>) {
  try {
    await start(program)
  } catch (error) {
    console.error(error instanceof BadConfiguration ? error.message : error)
    process.exit(1)
  }
}

async function start<Schema extends z.ZodType<ServiceConfig>>(program: Program<Schema>) {
  const { manifest, environment, build } = program
  const name = manifest.name.replace(/^.*\//, '')
  const config = readConfig(program.config, environment)
  const log = serviceLog({ service: name, version: manifest.version, level: config.LOG_LEVEL })
  const registry = serviceMetrics()
  const clock = systemClock
  const verify = tokenVerifier({
    service: name,
    people: { issuer: config.PEOPLE_ISSUER, jwks: config.PEOPLE_JWKS },
    services: { issuer: config.SERVICES_ISSUER, jwks: config.SERVICES_JWKS, namespace: config.SERVICES_NAMESPACE },
    clock,
    log,
    readAhead: true
  })
  const { KILL_AT, STOP_AT } = config
  const at = askedFaults({ KILL_AT, STOP_AT })
  // Before anything that takes time: as PID 1 it would ignore a signal that comes meanwhile, and be killed when its grace is over.
  let drain = async () => log.info('stopped before it was ready')
  drainOnSignal(() => drain(), log)
  const built = await build({ name, config, log, registry, clock, verify, at })
  const served = await serve({ config, log, registry, ...built })
  drain = served.drain
  collectGarbageWhenIdle()
  // Only now: who reads this may send a signal.
  log.info({ port: served.port, operationsPort: served.operationsPort }, 'ready')
}
