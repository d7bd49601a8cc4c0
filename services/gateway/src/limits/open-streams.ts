import { defineGauge, Problem, unavailable } from '@bulkhead/chassis/core'
import type { Gauge } from 'prom-client'
import type { Places } from './open-requests.ts'

/** Maximum number of open streams at this replica: of one service, and of one client at that service. */
export type StreamLimits = { service: number; client: number }

export type OpenStreams = Gauge<'target'>

export const openStreams = defineGauge({
  name: 'bulkhead_open_streams',
  help: 'Open event streams',
  labels: { target: 'the name of the service' }
})

/**
 * Limits the open streams of a service. A stream uses a place until it ends, and no request waits for a place. Rejects with a 429 if the
 * client may use no more places, and with a 503 if the service has none left.
 */
export function openStreamPlaces(target: string, limits: StreamLimits, open: OpenStreams): Places {
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

  return async (client, _signal, exchange) => {
    if ((byClient.get(client) ?? 0) >= limits.client) throw tooManyStreams(target, limits.client)
    if (taken >= limits.service) throw unavailable(`Another stream of ${target}`)
    add(client, 1)
    await exchange().finally(() => add(client, -1))
  }
}

/** Returns a 429 without Retry-After, because only the end of a stream frees a place. */
const tooManyStreams = (target: string, most: number) =>
  new Problem(429, 'too-many-streams', 'Too many open streams', {
    detail: `A client may have ${most} open streams of ${target}: end one first`
  })
