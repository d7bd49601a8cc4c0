import { type ClientMetrics, enterQueue, ShareTaken, shares } from '@bulkhead/chassis/client'
import { Problem, unlessAborted } from '@bulkhead/chassis/core'

/**
 * How many requests of a service one client may have open, from their start until their answers are read, so that no client takes all
 * places from the others. `queue` more wait; a 429 beyond.
 */
export function clientPlaces(target: string, most: number, queue: number, metrics: ClientMetrics) {
  const share = shares(most, queue)
  const label = `${target} by client`
  metrics.queueLength.set({ target: label }, 0)

  return async (client: string, signal: AbortSignal, exchange: () => Promise<void>) => {
    const leaveQueue = enterQueue(label, metrics)
    const work = share(client, async () => {
      leaveQueue()
      signal.throwIfAborted()
      await exchange()
    })
    try {
      await unlessAborted(work.finally(leaveQueue), signal)
    } catch (error) {
      throw error instanceof ShareTaken ? tooManyOpen(target, most, queue) : error
    }
  }
}

const tooManyOpen = (target: string, most: number, queue: number) =>
  new Problem(429, 'too-many-open-requests', 'Too many open requests', {
    detail: `At most ${most} of ${target} at once by client, and ${queue} that wait: read an answer to its end first`,
    headers: { 'Retry-After': '1' }
  })
