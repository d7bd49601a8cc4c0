import { type Clock, standstillDetector } from '@bulkhead/chassis/core'
import type { Orders } from '../orders/store.ts'

/** Every 20th call queries the store, because stranded orders are rare. */
const EVERY = 20
/** Maximum number of orders that one query returns. */
const MOST = 200

/**
 * Finds orders of a replica that died while its clock was ahead. `reach` is the longest hold or pause (ms). The `nextAt` of these orders is
 * more than `reach` in the future, and has not changed for `reach`. A running replica changes the `nextAt` of its orders earlier. To a
 * replica whose clock is behind, the `nextAt` of every order looks too far in the future. It takes no orders of a running replica
 * nevertheless.
 */
export function strandedOrders(orders: Pick<Orders, 'dueAfter'>, clock: Clock, reach: number) {
  const unchanged = standstillDetector(reach)
  let calls = 0
  return async () => {
    if (calls++ % EVERY !== 0) return []
    const beyond = await orders.dueAfter(new Date(clock.now().getTime() + reach), MOST)
    const stranded = new Set(unchanged(new Map(beyond.map(({ id, nextAt }) => [id, `${nextAt!.getTime()}`]))))
    return beyond.filter(({ id }) => stranded.has(id))
  }
}
