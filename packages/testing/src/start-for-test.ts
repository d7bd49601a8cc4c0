import type { Needs } from '@bulkhead/chassis/contract'
import { type Clock, type FaultPoint, noFault, type ServiceConfig, systemClock } from '@bulkhead/chassis/core'
import { addressVariable, assemble, type Built, type Service } from '@bulkhead/chassis/service'
import type { Logger } from 'pino'
import { Registry } from 'prom-client'
import type * as z from 'zod'
import { issuer, verifierFor } from './callers.ts'
import { type FakeService, fakeService } from './fake-service.ts'
import { httpServer } from './http-server.ts'
import { mongoDatabase } from './mongo-database.ts'
import { redisDatabase } from './redis-database.ts'
import { silentEventLog, silentLog } from './silent.ts'

type TestOptions<Settings> = {
  /** The service's own variables. `startForTest` sets the variables of its store and its targets. */
  config?: Record<string, string>
  /** The second argument of the definition's `start`. */
  settings?: Settings
  clock?: Clock
  /** Called at each fault point. */
  passFaultPoint?: FaultPoint
  /** A silent log by default. */
  log?: Logger
  /** The address of an existing store, such as that of another replica. `close` keeps its data. */
  storeUrl?: string | undefined
  /** The fakes of another replica, to share them. */
  fakes?: Record<string, FakeService>
}

/**
 * Starts a service as production does, but on an empty store, with a fake in place of each target and an event log that keeps nothing.
 * Tests deliver events by calling the handlers in `on`. `close` stops everything that was started here.
 */
export async function startForTest<Config extends z.ZodObject, Handle, N extends Needs, B extends Built, Settings>(
  service: Service<Config, Handle, N, B, Settings>,
  {
    config = {},
    settings,
    clock = systemClock,
    passFaultPoint = noFault,
    log = silentLog,
    storeUrl,
    fakes
  }: TestOptions<Settings> = {}
) {
  const registry = new Registry()
  const store = await openTestStore(service, storeUrl)
  const targets = fakes ? undefined : await startFakes(service)
  const all = fakes ?? targets!
  const addresses = Object.entries(all).map(([target, fake]) => [addressVariable(target), fake.url])
  const environment = { ...issuer, ...store.variables, ...Object.fromEntries(addresses), ...NOT_USED, ...config }
  const assembled = await assemble(
    service,
    {
      config: service.environment.parse(environment) as ServiceConfig & Record<string, unknown>,
      log,
      registry,
      clock,
      verify: verifierFor(service.name),
      passFaultPoint,
      eventLog: silentEventLog,
      events: undefined,
      token: async () => 'token'
    },
    settings
  )
  const { url, stop } = await httpServer(assembled.app)
  return {
    ...assembled.handle,
    ...assembled.built,
    app: assembled.app,
    url,
    registry,
    clock,
    storeUrl: store.url,
    fakes: all as FakesOf<N>,
    /** Stops the service's workers, as a draining process does. */
    stopWork: assembled.stopWork,
    async close() {
      await stop()
      await assembled.stopWork()
      await assembled.close()
      if (targets) await Promise.all(Object.values(targets).map(fake => fake.stop()))
      await store.close()
    }
  }
}

type FakesOf<N extends Needs> = { [One in N as One['target']]: FakeService<One['operations']> }

/** Required variables that tests do not use. */
const NOT_USED = { EVENT_LOG_URL: 'redis://127.0.0.1:1', SERVICE_TOKENS_DIR: '/nowhere' }

async function startFakes({ needs = [] }: { needs?: Needs[] }): Promise<Record<string, FakeService>> {
  const started = await Promise.all(needs.map(async need => [need.target, await fakeService(need)] as const))
  return Object.fromEntries(started)
}

/** Opens a MongoDB or Redis database, as the service's variables require, or nothing for a service without a store. */
async function openTestStore({ environment }: Pick<Service, 'environment'>, existing?: string) {
  const variable = ['MONGODB_URL', 'REDIS_URL'].find(name => name in environment.shape)
  if (!variable) return { url: undefined, variables: {}, close: async () => undefined }
  if (existing !== undefined) {
    return { url: existing, variables: { [variable]: existing }, close: async () => undefined }
  }
  const { url, close } = variable === 'MONGODB_URL' ? await mongoDatabase() : await redisDatabase()
  return { url, variables: { [variable]: url }, close }
}
