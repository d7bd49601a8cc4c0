import { type ClientMetrics, enterQueue, ShareFull, shares } from '@bulkhead/chassis/client'
import { Problem, unlessAborted } from '@bulkhead/chassis/core'

/** Runs an exchange of a client when a place is free. Rejects with a 429 if the client may use no more places. */
export type Places = (client: string, signal: AbortSignal, exchange: () => Promise<void>) => Promise<void>

/**
 * Limits the open requests of one client at a service, so that no client uses all places. A request is open from its start until its answer
 * is read. Up to `queue` more requests may wait.
 */
export function openRequestPlaces(target: string, most: number, queue: number, metrics: ClientMetrics): Places {
  const share = shares(most, queue)
  const label = `${target} by client`
  metrics.queueLength.set({ target: label }, 0)

  return async (client, signal, exchange) => {
    const leaveQueue = enterQueue(label, metrics)
    const work = share(client, async () => {
      leaveQueue()
      signal.throwIfAborted()
      await exchange()
    })
    try {
      await unlessAborted(work.finally(leaveQueue), signal)
    } catch (error) {
      throw error instanceof ShareFull ? tooManyOpen(target, most, queue) : error
    }
  }
}

const tooManyOpen = (target: string, most: number, queue: number) =>
  new Problem(429, 'too-many-open-requests', 'Too many open requests', {
    detail: `A client may have ${most} open requests of ${target} and ${queue} in the queue: read an answer to its end first`,
    headers: { 'Retry-After': '1' }
  })
