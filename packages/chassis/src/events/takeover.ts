import type { Redis } from 'ioredis'
import { toFields } from '../redis/index.ts'
import type { Delivery } from './delivery-handler.ts'

type Options = {
  redis: Redis
  stream: string
  /** The group, and this replica's name in it. */
  group: string
  consumer: string
  /** Milliseconds without a sign of life after which a delivery may be taken over. */
  idle: number
  signal: AbortSignal
}

/** Milliseconds after which the name of a replica that has nothing is removed from the group. */
const FORGOTTEN_AFTER = 3_600_000

/** Far more than a replica has in hand. */
const HANDED_ON = 1_000

/** How the replicas of a consumer keep, hand on and take over what the log has given to one of them. */
export function takeover({ redis, stream, group, consumer, idle, signal }: Options) {
  /** Tells the log that this replica still has the deliveries, so that no other takes them. */
  const keep = (deliveries: Delivery[]) => claim(deliveries.map(({ id }) => id))

  /**
   * Hands on all that the log has given to this replica, also what was still on its way here: another replica may take it at
   * once, and it does not count as that of one that died.
   */
  async function handOn() {
    const own = (await redis.xpending(stream, group, '-', '+', HANDED_ON, consumer)) as [string, ...unknown[]][]
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

  /**
   * Gives `handle` what replicas that died had, one after the other: if one of them was the reason, it must not take
   * innocent ones along again.
   */
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

  /** Removes the names of replicas that have nothing and were not heard of for an hour. */
  async function forgetDead() {
    const consumers = (await redis.xinfo('CONSUMERS', stream, group)) as (string | number)[][]
    for (const { name, pending, idle } of consumers.map(toFields)) {
      const isDead = pending === 0 && Number(idle) > FORGOTTEN_AFTER
      if (isDead) await redis.xgroup('DELCONSUMER', stream, group, String(name))
    }
  }

  return { keep, handOn, takeOver, forgetDead }
}
