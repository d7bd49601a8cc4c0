import type { RequestHandler, Router } from 'express'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import * as z from 'zod'
import type { Client, ClientLimits } from '../client/index.ts'
import { type Contract, contractOf, type EventType, type Need, type Needs, type Operation } from '../contract/index.ts'
import { type Clock, type FaultPoint, type MetricDefinition, type ServiceConfig, serviceConfig } from '../core/index.ts'
import type { EventHandler } from '../events/index.ts'
import type { Background } from './background.ts'
import type { Store } from './store.ts'

/** The fields of a service's package.json that its definition uses. */
type Manifest = { name: string; version: string; description: string }

/** The clients of a service's targets, by the target's name. The client of an optional target without an address is undefined. */
export type ClientsOf<N extends Needs> = {
  [Target in N as Target['target']]: Target extends { isOptional: true }
    ? Client<Target['operations']> | undefined
    : Client<Target['operations']>
}

/** The parts from which a service is built. `Handle` is the access to its store, such as `{ db, outbox }`. */
type Parts<Config, Handle, N extends Needs> = Handle & {
  /** The name by which other services know this service. */
  name: string
  config: Config & ServiceConfig
  clients: ClientsOf<N>
  background: Background
  /** Registers a function that is called at the end: after the last request is answered, and before the store is closed. */
  onClose(close: () => Promise<unknown>): void
  log: Logger
  registry: Registry
  clock: Clock
  /** Call it at each fault point. Tests of faults end or stop the process there. */
  passFaultPoint: FaultPoint
}

/** A built service. */
export type Built = {
  routes: Router[]
  /** The event handlers, by event type: one for each of the definition's `handles`. */
  on?: Record<string, EventHandler>
  /** Middleware that runs before the request's token is read. */
  before?: RequestHandler[]
  /** True for a service that clients reach directly, see `createApp`. */
  isEdge?: boolean
  /** The number of proxies in front of it that add to `X-Forwarded-For`; 0 by default. */
  trustedProxies?: number
}

/** The definition of a service: its table of contents. */
export type Definition<Config extends z.ZodObject, Handle, N extends Needs, B extends Built, Settings> = {
  manifest: Manifest
  /** The service's own variables. The variables of the chassis, of the store, of the event log and of the targets are added. */
  config?: Config
  store: Store<Handle>
  operations: Operation[]
  /** The events that the service publishes. */
  events?: EventType[]
  /** The operations of other services that the service calls. The variable `<TARGET>_URL` has the address of each target. */
  needs?: N[]
  /** The limits of calls to a target, if the default ones do not fit. */
  callLimits?: { [Target in N['target']]?: Partial<ClientLimits> }
  /** The types of the events that the service handles. */
  handles?: string[]
  /** The service's own metrics. The metrics of the chassis are added. All of them exist from the start. */
  metrics?: MetricDefinition[]
  /** Builds the service after its store is open. `settings` are for tests, such as shorter times. */
  start(parts: Parts<z.infer<Config>, Handle, N>, settings?: Settings): Promise<B> | B
}

/** A service that can be run: its definition, its contract, and the schema of all its variables. */
export type Service<
  Config extends z.ZodObject = z.ZodObject,
  Handle = unknown,
  N extends Needs = Needs,
  B extends Built = Built,
  Settings = unknown
> = Definition<Config, Handle, N, B, Settings> & {
  name: string
  contract: Contract
  environment: z.ZodObject
}

/** Defines a service. Production and tests start it from the same definition. */
export function defineService<
  Handle,
  const N extends Needs<Record<string, Need>, string> = never,
  Config extends z.ZodObject = z.ZodObject<Record<never, never>>,
  B extends Built = Built,
  Settings = unknown
>(definition: Definition<Config, Handle, N, B, Settings>): Service<Config, Handle, N, B, Settings> {
  const { manifest, operations, events = [], needs = [], handles = [] } = definition
  const name = manifest.name.replace(/^.*\//, '')
  const contract = contractOf({
    service: name,
    version: manifest.version,
    summary: manifest.description,
    operations,
    events,
    needs,
    handles
  })
  return { ...definition, name, contract, environment: environmentOf(definition) }
}

/** Returns the name of the variable with a target's address, such as `CATALOG_URL`. */
export const addressVariable = (target: string): string => `${target.toUpperCase().replaceAll('-', '_')}_URL`

/** Returns whether a service needs the event log, because it publishes or handles events. */
export const usesEventLog = ({ events = [], handles = [] }: Pick<Service, 'events' | 'handles'>): boolean =>
  events.length > 0 || handles.length > 0

function environmentOf({
  config,
  store,
  events = [],
  needs = [],
  handles = []
}: Pick<Service, 'config' | 'store' | 'events' | 'needs' | 'handles'>) {
  const addresses: [string, z.ZodType][] = needs.map(({ target, isOptional }) => [
    addressVariable(target),
    isOptional ? z.url().optional() : z.url()
  ])
  const variables: Record<string, z.ZodType> = {
    ...serviceConfig.shape,
    ...store.variables,
    ...Object.fromEntries(addresses)
  }
  if (usesEventLog({ events, handles })) variables.EVENT_LOG_URL = z.url({ protocol: /^rediss?$/ })
  if (needs.length > 0) variables.SERVICE_TOKENS_DIR = z.string().min(1)
  // `safeExtend` keeps the checks of the service's own schema, which `extend` would drop.
  return (config ?? z.object({})).safeExtend(variables)
}
