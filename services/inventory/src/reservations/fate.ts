import type { Hold } from '../stock/store.ts'
import type { Reservation } from './store.ts'

/** A hold `stays` in the stock, `leaves` with its pieces, or `returns` them to the available pieces. */
export type Fate = 'stays' | 'leaves' | 'returns'

/**
 * Decides the fate of a hold from the reservation of its order. No other rule decides this. A hold of an earlier take always returns, even
 * if a slow request placed it late. Of a committed reservation, only the holds that its lines name leave.
 */
export function fateOf(hold: Hold, sku: string, { state, take, lines }: Reservation): Fate {
  // The reservation was read before a commit took its pieces again.
  if (hold.take > take) return 'stays'
  if (state === 'held' && hold.take === take) return 'stays'
  const isCommitted = state === 'committed' && lines.some(line => line.sku === sku && line.holdId === hold.id)
  return isCommitted ? 'leaves' : 'returns'
}
