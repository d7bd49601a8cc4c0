import { clientMetricsOf, defaultLimits, guard, retryBudget } from '@bulkhead/chassis/client-policy'
import type { Registry } from 'prom-client'
import { Pool } from 'undici'
import { PREFIX } from './routing.ts'

const CONNECT_MS = 2_000
/** A connection is not used for longer, so that new replicas of a service get their part. */
const CONNECTION_MS = 60_000
/** Answers go out while others are asked for, so there are more connections than requests that wait for an answer. */
const CONNECTIONS = 2 * defaultLimits.concurrency
/** Uploads take minutes: they have places of their own, or a few of them would keep everyone else out. */
const UPLOADS = { concurrency: 10, queue: 0 }

/** Where the requests to a service go, and what they may take of it. */
export type Target = ReturnType<typeof target>

/** The targets by service. One whose address changed is left to finish what it has. */
export function targets(registry: Registry) {
  const known = new Map<string, Target>()
  return {
    of(service: string, url: string): Target {
      const before = known.get(service)
      if (before?.url === url) return before
      void before?.pool.close()
      const made = target(service, url, registry)
      known.set(service, made)
      return made
    },
    async close() {
      await Promise.all([...known.values()].map(({ pool }) => pool.close()))
    }
  }
}

function target(service: string, url: string, registry: Registry) {
  const { origin, pathname } = new URL(url)
  const metrics = clientMetricsOf(registry)
  return {
    url,
    base: pathname.replace(/\/$/, ''),
    /** What the public paths of its operations begin with. */
    prefix: PREFIX + service,
    // Time-outs are the gateway's own, by the request's deadline.
    pool: new Pool(origin, {
      ...{ connections: CONNECTIONS, clientTtl: CONNECTION_MS, headersTimeout: 0, bodyTimeout: 0 },
      connect: { timeout: CONNECT_MS }
    }),
    guarded: guard(service, defaultLimits, metrics),
    guardedUpload: guard(`${service} uploads`, { ...defaultLimits, ...UPLOADS }, metrics),
    budget: retryBudget(defaultLimits.retryBudget),
    retried: (operation: string) => metrics.retries.inc({ target: service, operation })
  }
}
