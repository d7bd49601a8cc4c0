import type { Hold } from '../stock/store.ts'
import type { Reservation } from './store.ts'

/**
 * What is to become of a hold in the stock of a SKU, by the reservation of its order. The hold of a take that is over returns, whoever
 * finds it and whenever, also one that a slow request made late. Of a committed reservation only those that it names leave.
 */
export function fateOf(hold: Hold, sku: string, { state, take, lines }: Reservation): 'stays' | 'leaves' | 'returns' {
  // The reservation was read before it was held again.
  if (hold.take > take) return 'stays'
  if (state === 'held' && hold.take === take) return 'stays'
  const leaves = state === 'committed' && lines.some(line => line.sku === sku && line.holdId === hold.id)
  return leaves ? 'leaves' : 'returns'
}
