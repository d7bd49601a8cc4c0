import { type Clock, standstill } from '@bulkhead/chassis/core'
import type { Aggregates } from '@bulkhead/chassis/mongo'
import type { StoredOrder } from './transitions.ts'

/** One in so many looks asks for them: they are rare, and each time is a query. */
const EVERY = 20
const MOST = 200

/**
 * Finds orders of a replica that died with its clock ahead: their `nextAt` is further ahead than the `reach` of any hold or pause, in
 * milliseconds, and has stood still for as long. Who has an order sets it anew before that, by whatever clock, so that a replica that is
 * behind, to which all look so, takes none from it.
 */
export function strandedOrders(orders: Pick<Aggregates<StoredOrder>, 'find'>, clock: Clock, reach: number) {
  const standing = standstill(reach)
  let looks = 0
  return async () => {
    if (looks++ % EVERY !== 0) return []
    const beyond = await orders
      .find({ nextAt: { $gt: new Date(clock.now().getTime() + reach) } })
      .sort({ nextAt: 1 })
      .limit(MOST)
      .toArray()
    const still = new Set(standing(new Map(beyond.map(({ id, nextAt }) => [id, `${nextAt!.getTime()}`]))))
    return beyond.filter(({ id }) => still.has(id))
  }
}
