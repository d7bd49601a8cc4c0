import { Problem, unavailable } from '@bulkhead/chassis/core'
import { Gauge, type Registry } from 'prom-client'

/** How many streams may be open at this replica: of one service, and of those by one client. */
export type StreamLimits = { service: number; client: number }

export type OpenStreams = ReturnType<typeof openStreams>

/** The metric of open streams, by service. */
export const openStreams = (registry: Registry) =>
  new Gauge({
    name: 'bulkhead_open_streams',
    help: 'Streams of events that are open',
    labelNames: ['target'],
    registers: [registry]
  })

/**
 * The places of a service's streams, each taken for as long as its exchange goes on. Rejects with a 429 for a client that has all it may
 * have, and with a 503 when all are taken.
 */
export function streamPlaces(target: string, limits: StreamLimits, open: OpenStreams) {
  const byClient = new Map<string, number>()
  let taken = 0
  open.inc({ target }, 0)

  function add(client: string, count: 1 | -1) {
    const left = (byClient.get(client) ?? 0) + count
    if (left > 0) byClient.set(client, left)
    else byClient.delete(client)
    taken += count
    open.inc({ target }, count)
  }

  return async (client: string, _signal: AbortSignal, exchange: () => Promise<void>) => {
    if ((byClient.get(client) ?? 0) >= limits.client) throw tooManyStreams(target, limits.client)
    if (taken >= limits.service) throw unavailable(`One more stream of ${target}`)
    add(client, 1)
    await exchange().finally(() => add(client, -1))
  }
}

/** A stream's end makes room, not time: there is no Retry-After. */
const tooManyStreams = (target: string, most: number) =>
  new Problem(429, 'too-many-streams', 'Too many open streams', {
    detail: `At most ${most} of ${target} at once by client: end one first`
  })
