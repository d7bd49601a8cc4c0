import type { RequestListener } from 'node:http'
import type { Redis } from 'ioredis'
import type * as z from 'zod'
import { client } from '../client/index.ts'
import type { Needs } from '../contract/index.ts'
import type { FaultPoint, ServiceConfig } from '../core/index.ts'
import { type EventLog, subscribe } from '../events/index.ts'
import { type AppDeps, createApp } from '../http/index.ts'
import { backgroundWork } from './background.ts'
import { addressVariable, type Built, type ClientsOf, type Service } from './definition.ts'
import { registerMetrics } from './service-metrics.ts'

/** The parts that a service gets from its process, or from a test. */
type ProcessParts = AppDeps & {
  /** All variables, checked by the service's `environment`. */
  config: ServiceConfig & Record<string, unknown>
  passFaultPoint: FaultPoint
  eventLog: EventLog
  /** The connection for reading events. Undefined if the service handles no events, or if a test delivers the events. */
  events: Redis | undefined
  /** Returns the bearer token for a target. */
  token: (target: string) => Promise<string>
}

/** A service with its store, its clients and its workers. It does not listen yet. */
type Assembled<Handle, B extends Built> = {
  app: RequestListener
  handle: Handle
  built: B
  /** Stops reading events, and then stops the workers. */
  stopWork(): Promise<unknown>
  /** Publishes the remaining events, and closes all connections. */
  close(): Promise<unknown>
}

/**
 * Opens the store of a service, builds the service and starts its workers. Rejects if the store does not answer in time, or if the event
 * handlers are not those of the definition's `handles`.
 */
export async function assemble<Config extends z.ZodObject, Handle, N extends Needs, B extends Built, Settings>(
  service: Service<Config, Handle, N, B, Settings>,
  { config, passFaultPoint, eventLog, events, token, ...deps }: ProcessParts,
  settings?: Settings
): Promise<Assembled<Handle, B>> {
  const { log, registry, clock } = deps
  const { name, store, contract } = service
  registerMetrics(service, registry)
  const openStore = await store.open({ service: name, config, eventLog, clock, log, registry, passFaultPoint })
  const clients = connectClients(service, { config, passFaultPoint, token, registry })
  const background = backgroundWork()
  const closing: (() => Promise<unknown>)[] = []
  const built = await service.start(
    {
      ...openStore.handle,
      name,
      config: config as z.infer<Config> & ServiceConfig,
      clients: clients as ClientsOf<N>,
      background,
      onClose: close => void closing.push(close),
      log,
      registry,
      clock,
      passFaultPoint
    },
    settings
  )
  const { routes, before, isEdge, trustedProxies = 0, on = {} } = built
  const app = createApp({ ...deps, contract, routers: routes, before, isEdge, storeProblem: store.problemOf })
  app.set('trust proxy', trustedProxies)
  await openStore.startOutbox?.()
  background.start()
  const subscription =
    events &&
    subscribe({
      redis: events,
      service: name,
      handlers: on,
      contract,
      storeProblem: store.problemOf,
      log,
      registry,
      passFaultPoint
    })
  return {
    app,
    handle: openStore.handle,
    built,
    async stopWork() {
      await subscription?.stop()
      await background.stop()
    },
    async close() {
      for (const close of closing) await close()
      await openStore.close()
      await Promise.all(Object.values(clients).map(target => target?.close()))
    }
  }
}

type Connecting = Pick<ProcessParts, 'config' | 'passFaultPoint' | 'token' | 'registry'>

function connectClients(
  { needs = [], callLimits = {} }: Pick<Service, 'needs' | 'callLimits'>,
  { config, passFaultPoint, token, registry }: Connecting
): ClientsOf<Needs> {
  const connected = needs.flatMap(need => {
    const url = config[addressVariable(need.target)]
    if (url === undefined) return []
    const limits = callLimits[need.target] ?? {}
    return [[need.target, client(need, { url: String(url), token, registry, passFaultPoint, limits })]]
  })
  return Object.fromEntries(connected)
}
