import { Redis } from 'ioredis'
import { EVENT_LOG_ADMIN, eventLogUrl } from '../../packages/cli/src/event-log/event-log.ts'
import { Failure } from '../../packages/cli/src/failure.ts'
import type { Stack } from '../../packages/cli/src/services/stack.ts'

const STREAM = 'events.orders'
const BLOCK = 1_000
const LIMIT = 30_000

/** Watches the event log for captured orders. This costs the services nothing, and an event shows that the state is stored. */
export async function watchCapturedOrders(stack: Stack) {
  const redis = new Redis(eventLogUrl(stack, EVENT_LOG_ADMIN))
  const waiting = new Map<string, () => void>()
  /** Orders that were captured before `until` was called, because the event may arrive before the answer to `POST /orders`. */
  const early = new Set<string>()
  let stopped = false
  const [last] = await redis.xrevrange(STREAM, '+', '-', 'COUNT', 1)
  const reading = read(last?.[0] ?? '0')

  async function read(from: string) {
    for (let id = from; !stopped; ) {
      const [found] = (await redis.xread('BLOCK', BLOCK, 'STREAMS', STREAM, id)) ?? []
      for (const [entry, fields] of found?.[1] ?? []) {
        id = entry
        note(JSON.parse(fields[1]!))
      }
    }
  }

  function note({ type, subject }: { type: string; subject: string }) {
    if (type !== 'orders.order.captured') return
    const tell = waiting.get(subject)
    if (tell) tell()
    else early.add(subject)
  }

  return {
    /** Waits until an order is captured. Rejects if that takes too long. */
    async until(id: string) {
      if (early.delete(id)) return
      await new Promise<void>((resolve, reject) => {
        const late = () => reject(new Failure(`${id} was not captured within ${LIMIT / 1_000} s`))
        const timer = setTimeout(late, LIMIT)
        waiting.set(id, () => {
          clearTimeout(timer)
          resolve()
        })
      }).finally(() => waiting.delete(id))
    },
    async stop() {
      stopped = true
      await reading
      redis.disconnect()
    }
  }
}
