import {
  type ClientLimits,
  type ClientMetrics,
  clientMetricsOf,
  defaultLimits,
  guard,
  idleFor,
  retryBudget
} from '@bulkhead/chassis/client'
import type { Registry } from 'prom-client'
import { Pool } from 'undici'
import { clientPlaces } from './client-places.ts'
import { PREFIX } from './routing.ts'
import { type OpenStreams, openStreams, type StreamLimits, streamPlaces } from './stream-places.ts'

const CONNECT_MS = 2_000
/** A connection is not used for longer, so that new replicas of a service get their part. */
const CONNECTION_MS = 60_000
/** Clients read large answers slowly, and each holds a connection meanwhile. */
const OPEN_ANSWERS = 150
const REQUESTS = { ...defaultLimits, openAnswers: OPEN_ANSWERS }
/** Uploads take minutes: they have places of their own, or a few of them would keep everyone else out. */
const UPLOADS = { ...defaultLimits, concurrency: 10, queue: 0, operationShare: 1 }
const CONNECTIONS = REQUESTS.concurrency + REQUESTS.openAnswers + UPLOADS.concurrency
/** The part of the places and of the queue that one client may take. */
const CLIENT_SHARE = 0.5

/** Where the requests to a service go, and what they may take of it. */
export type Target = ReturnType<typeof target>

/**
 * The targets by service. One whose address changed is left to finish what it has. Connections idle for `idle` milliseconds at most.
 */
export function targets(registry: Registry, streamLimits: StreamLimits, idle = defaultLimits.idle) {
  const open = openStreams(registry)
  const known = new Map<string, Target>()
  return {
    of(service: string, url: string): Target {
      const before = known.get(service)
      if (before?.url === url) return before
      if (before) void close(before)
      const made = target(service, url, { registry, streamLimits, open, idle })
      known.set(service, made)
      return made
    },
    async close() {
      await Promise.all([...known.values()].map(close))
    }
  }
}

const close = ({ requests, streams }: Target) => Promise.all([requests.pool.close(), streams.pool.close()])

type TargetDeps = { registry: Registry; streamLimits: StreamLimits; open: OpenStreams; idle: number }

function target(service: string, url: string, { registry, streamLimits, open, idle }: TargetDeps) {
  const { origin, pathname } = new URL(url)
  const metrics = clientMetricsOf(registry)
  // Time-outs are the gateway's own, by the request's deadline.
  const times = {
    ...{ clientTtl: CONNECTION_MS, headersTimeout: 0, bodyTimeout: 0, connect: { timeout: CONNECT_MS } },
    ...idleFor(idle)
  }
  const pool = new Pool(origin, { ...times, connections: CONNECTIONS })
  return {
    url,
    base: pathname.replace(/\/$/, ''),
    /** What the public paths of its operations begin with. */
    prefix: PREFIX + service,
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
    // Streams stay for a minute each, and hold a connection meanwhile: they have a place each, and nobody waits for one.
    streams: {
      pool: new Pool(origin, { ...times, connections: streamLimits.service }),
      guarded: guard(`${service} streams`, streamsLimits(streamLimits.service), metrics),
      places: streamPlaces(service, streamLimits, open)
    },
    budget: retryBudget(defaultLimits.retryBudget),
    retried: (operation: string) => metrics.retries.inc({ target: service, operation })
  }
}

const streamsLimits = (most: number): ClientLimits => ({
  ...defaultLimits,
  concurrency: most,
  queue: 0,
  operationShare: 1
})

const placesOf = (target: string, { concurrency, queue }: ClientLimits, metrics: ClientMetrics) =>
  clientPlaces(target, concurrency * CLIENT_SHARE, queue * CLIENT_SHARE, metrics)
