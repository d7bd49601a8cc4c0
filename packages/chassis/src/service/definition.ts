import type { RequestHandler, Router } from 'express'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import * as z from 'zod'
import type { Client, ClientLimits } from '../client/index.ts'
import { type Contract, contractOf, type EventType, type Need, type Needs, type Operation } from '../contract/index.ts'
import { type Clock, type FaultPoint, type ServiceConfig, serviceConfig } from '../core/index.ts'
import type { EventHandler } from '../events/index.ts'
import type { Background } from './background.ts'
import type { Store } from './store.ts'

/** The fields of a service's package.json that its definition uses. */
type Manifest = { name: string; version: string; description: string }

/** A client for each target of a service's needs, by the target's name. That of an optional target without an address is undefined. */
export type ClientsOf<N extends Needs> = {
  [One in N as One['target']]: One extends { isOptional: true }
    ? Client<One['operations']> | undefined
    : Client<One['operations']>
}

/** Everything that a service is built from. `Handle` is the access to its store. */
type Parts<Config, Handle, N extends Needs> = Handle & {
  /** The name of the service, as other services know it. */
  name: string
  config: Config & ServiceConfig
  clients: ClientsOf<N>
  background: Background
  /** Has `close` called at the end, when the last request is answered and before the store is closed. */
  onClose(close: () => Promise<unknown>): void
  log: Logger
  registry: Registry
  clock: Clock
  /** Passed at each place where tests of faults end the process. */
  passFaultPoint: FaultPoint
}

/** What a service runs once it is built. */
export type Built = {
  routes: Router[]
  /** Handlers of events, by type: one for each of the definition's `handles`. */
  on?: Record<string, EventHandler>
  /** Middleware that looks at each request before its token is read. */
  before?: RequestHandler[]
  /** Set for a service that clients reach directly, see `createApp`. */
  isEdge?: boolean
  /** How many proxies before it add to `X-Forwarded-For`; 0 by default. */
  trustedProxies?: number
}

/** The definition of a service: its table of contents. */
export type Definition<Config extends z.ZodObject, Handle, N extends Needs, B extends Built, Settings> = {
  manifest: Manifest
  /** The variables that it reads beside those of every service, of its store, of the event log and of its targets. */
  config?: Config
  store: Store<Handle>
  operations: Operation[]
  /** The events that it publishes. */
  events?: EventType[]
  /** What it asks of other services. The address of each target is the variable `<TARGET>_URL`. */
  needs?: N[]
  /** Limits of the calls to a target, where the usual ones do not fit. */
  callLimits?: { [Target in N['target']]?: Partial<ClientLimits> }
  /** The types of the events that it handles. */
  handles?: string[]
  /** Builds it, when its store is open. `settings` are for tests, such as shorter times. */
  start(parts: Parts<z.infer<Config>, Handle, N>, settings?: Settings): Promise<B> | B
}

/** A service that can be run: its definition, its contract, and the schema of its whole environment. */
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

/** Defines a service. Production and tests start it from this one definition. */
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

/** The variable with the address of a target, such as `CATALOG_URL`. */
export const addressVariable = (target: string) => `${target.toUpperCase().replaceAll('-', '_')}_URL`

/** Whether a service publishes or handles events, and so needs the event log. */
export const usesEventLog = ({ events = [], handles = [] }: Pick<Service, 'events' | 'handles'>) =>
  events.length > 0 || handles.length > 0

function environmentOf({
  config,
  store,
  events = [],
  needs = [],
  handles = []
}: Pick<Service, 'config' | 'store' | 'events' | 'needs' | 'handles'>) {
  const addresses = needs.map(({ target, isOptional }) => [
    addressVariable(target),
    isOptional ? z.url().optional() : z.url()
  ])
  // Not by `extend`, which would drop the checks of the service's own schema.
  return (config ?? z.object({})).safeExtend({
    ...serviceConfig.shape,
    ...store.variables,
    ...(usesEventLog({ events, handles }) && { EVENT_LOG_URL: z.url({ protocol: /^rediss?$/ }) }),
    ...Object.fromEntries(addresses),
    ...(needs.length > 0 && { SERVICE_TOKENS_DIR: z.string().min(1) })
  })
}
