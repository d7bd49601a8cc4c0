import type { Redis } from 'ioredis'
import { toFields } from '../redis/index.ts'
import type { Delivery } from './delivery-handler.ts'

type Options = {
  redis: Redis
  stream: string
  /** The group, and this replica's name in it. */
  group: string
  consumer: string
  /** The time (ms) without a sign of life after which a delivery may be taken over. */
  idle: number
  signal: AbortSignal
}

/** The idle time (ms) after which a replica without deliveries is removed from the group. */
const MAX_IDLE_MS = 3_600_000

/** Maximum number of deliveries to release. It is far more than a replica has. */
const MAX_RELEASED = 1_000

/** Moves deliveries between the replicas of a group. */
export type Takeover = {
  /** Reports to the log that this replica still has the deliveries, so that no other replica takes them over. */
  keep(deliveries: Delivery[]): Promise<void>
  /**
   * Releases all deliveries of this replica, including those that are still on the way to it. Another replica may take them over at once,
   * and they do not count as deliveries of a replica that died.
   */
  release(): Promise<void>
  /**
   * Gives `handle` the deliveries of replicas that died, one after the other. If one of them ended its process and does so again, the
   * others are not affected.
   */
  takeOver(handle: (delivery: Delivery) => Promise<void>): Promise<void>
  /** Removes replicas from the group that have no deliveries and were silent for an hour. */
  removeDeadReplicas(): Promise<void>
}

/** Creates the takeover of a group on a stream, for this replica. */
export function takeover({ redis, stream, group, consumer, idle, signal }: Options): Takeover {
  const keep = (deliveries: Delivery[]) => claim(deliveries.map(({ id }) => id))

  async function release() {
    const own = (await redis.xpending(stream, group, '-', '+', MAX_RELEASED, consumer)) as [string, ...unknown[]][]
    await claim(
      own.map(([id]) => id),
      'IDLE',
      idle,
      'RETRYCOUNT',
      0
    )
  }

  async function claim(ids: string[], ...options: (string | number)[]) {
    if (ids.length === 0) return
    await redis.call('xclaim', stream, group, consumer, 0, ...ids, ...options, 'JUSTID')
  }

  async function takeOver(handle: (delivery: Delivery) => Promise<void>) {
    for (let start = '0-0'; !signal.aborted; ) {
      const reply = await redis.xautoclaim(stream, group, consumer, idle, start, 'COUNT', 1)
      const [next, entries] = reply as [string, [string, string[]][]]
      for (const [id, fields] of entries) await handle({ stream, id, fields, deliveries: await deliveriesOf(id) })
      if (next === '0-0') return
      start = next
    }
  }

  async function deliveriesOf(id: string) {
    const [pending] = (await redis.xpending(stream, group, id, id, 1)) as [string, string, number, number][]
    return pending?.[3] ?? 1
  }

  async function removeDeadReplicas() {
    const consumers = (await redis.xinfo('CONSUMERS', stream, group)) as (string | number)[][]
    for (const { name, pending, idle } of consumers.map(toFields)) {
      const isDead = pending === 0 && Number(idle) > MAX_IDLE_MS
      if (isDead) await redis.xgroup('DELCONSUMER', stream, group, String(name))
    }
  }

  return { keep, release, takeOver, removeDeadReplicas }
}
