import type { Hold } from '../stock/store.ts'
import type { Reservation } from './store.ts'

/** `stays` in the stock, `leaves` with its pieces, or `returns` them. */
export type Fate = 'stays' | 'leaves' | 'returns'

/**
 * The one rule that decides the fate of a hold, from the reservation of its order. A hold of an earlier take always returns, even if a slow
 * request placed it late. Of a committed reservation, only the holds that its lines name leave.
 */
export function fateOf(hold: Hold, sku: string, { state, take, lines }: Reservation): Fate {
  // The reservation was read before a commit took it again.
  if (hold.take > take) return 'stays'
  if (state === 'held' && hold.take === take) return 'stays'
  const isCommitted = state === 'committed' && lines.some(line => line.sku === sku && line.holdId === hold.id)
  return isCommitted ? 'leaves' : 'returns'
}
