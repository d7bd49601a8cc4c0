import {
  type ClientLimits,
  type ClientMetrics,
  clientMetricsOf,
  defaultLimits,
  expectRetries,
  type Guard,
  guard,
  idleTimeouts,
  type RetryBudget,
  retryBudget
} from '@bulkhead/chassis/client'
import { register } from '@bulkhead/chassis/core'
import type { Registry } from 'prom-client'
import { Pool } from 'undici'
import { openRequestPlaces, type Places } from '../limits/open-requests.ts'
import { type OpenStreams, openStreamPlaces, openStreams, type StreamLimits } from '../limits/open-streams.ts'
import { publicPrefix, type Route } from '../routing/route-table.ts'

const CONNECT_MS = 2_000
/** The maximum age of a connection (ms). Renewed connections let new replicas of a service get requests. */
const CONNECTION_MS = 60_000
/** The number of places for answers that have begun. Clients read large answers slowly, and each answer keeps a connection open. */
const OPEN_ANSWERS = 150
const REQUESTS = { ...defaultLimits, openAnswers: OPEN_ANSWERS }
/** The limits for uploads. Uploads take minutes, so they have separate places and a few uploads do not block all other requests. */
const UPLOADS = { ...defaultLimits, concurrency: 10, queue: 0, operationShare: 1 }
const CONNECTIONS = REQUESTS.concurrency + REQUESTS.openAnswers + UPLOADS.concurrency
/** The share of the places and of the queue that one client may use. */
const CLIENT_SHARE = 0.5

/** The connections to a service for one kind of request, with the limits of their use. */
type Connection = { pool: Pool; guarded: Guard; places: Places }

/** A service that requests are sent to. */
export type Target = {
  url: string
  /** The path prefix of the service's address; empty if there is none. */
  base: string
  /** The prefix of the public paths of its operations. */
  prefix: string
  requests: Connection
  uploads: Connection
  streams: Connection
  budget: RetryBudget
  /** Registers an operation's limits and metrics before its first request. */
  prepare(route: Route): void
  countRetry(operation: string): void
}

/** Returns the connections and the limits for an operation's requests. */
export function connectionOf(target: Target, { streams, upload }: Route): Connection {
  if (streams) return target.streams
  return upload ? target.uploads : target.requests
}

/** Keeps the target of each service. A connection may be idle for `idle` milliseconds. */
export function targets(registry: Registry, streamLimits: StreamLimits, idle = defaultLimits.idle) {
  const open = register(registry, openStreams)
  const known = new Map<string, Target>()
  return {
    /** Returns the target of a service at an address. If the address has changed, the old target still finishes its current requests. */
    find(service: string, url: string): Target {
      const before = known.get(service)
      if (before?.url === url) return before
      if (before) void close(before)
      const target = createTarget(service, url, { registry, streamLimits, open, idle })
      known.set(service, target)
      return target
    },
    async close() {
      await Promise.all([...known.values()].map(close))
    }
  }
}

const close = ({ requests, streams }: Target) => Promise.all([requests.pool.close(), streams.pool.close()])

type TargetOptions = { registry: Registry; streamLimits: StreamLimits; open: OpenStreams; idle: number }

function createTarget(service: string, url: string, { registry, streamLimits, open, idle }: TargetOptions): Target {
  const { origin, pathname } = new URL(url)
  const metrics = clientMetricsOf(registry)
  // No time-outs here: the gateway ends requests itself, by their deadline.
  const times = {
    clientTtl: CONNECTION_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: CONNECT_MS },
    ...idleTimeouts(idle)
  }
  const pool = new Pool(origin, { ...times, connections: CONNECTIONS })
  const budget = retryBudget(defaultLimits.retryBudget)
  metrics.budgets.set(service, budget)
  const target: Target = {
    url,
    base: pathname.replace(/\/$/, ''),
    prefix: publicPrefix(service),
    requests: {
      pool,
      guarded: guard(service, REQUESTS, metrics),
      places: placesOf(service, REQUESTS, metrics)
    },
    uploads: {
      pool,
      guarded: guard(`${service} uploads`, UPLOADS, metrics),
      places: placesOf(`${service} uploads`, UPLOADS, metrics)
    },
    // A stream keeps its connection for a minute, so it has a separate place and no request waits for one.
    streams: {
      pool: new Pool(origin, { ...times, connections: streamLimits.service }),
      guarded: guard(`${service} streams`, limitsOfStreams(streamLimits.service), metrics),
      places: openStreamPlaces(service, streamLimits, open)
    },
    budget,
    prepare(route) {
      connectionOf(target, route).guarded.prepare(route.id)
      expectRetries(registry, service, [route.id])
    },
    countRetry: operation => metrics.retries.inc({ target: service, operation })
  }
  return target
}

const limitsOfStreams = (most: number): ClientLimits => ({
  ...defaultLimits,
  concurrency: most,
  queue: 0,
  operationShare: 1
})

const placesOf = (target: string, { concurrency, queue }: ClientLimits, metrics: ClientMetrics) =>
  openRequestPlaces(target, concurrency * CLIENT_SHARE, queue * CLIENT_SHARE, metrics)
