import type { Hold, Holder, StoredStock } from '../stock/store.ts'
import type { Line } from './schemas.ts'

/** The limits of unpaid holds that one network may have of one SKU: a number of holds, and a percentage of the pieces on hand. */
export type NetworkLimits = { holds: number; percent: number }

/**
 * The reason why lines can't be held. `short`: there are too few pieces. `limited`: the network would hold too many unpaid pieces.
 * `replaced`: a newer order of the same buyer holds them.
 */
export type Refusal = { reason: 'short' | 'limited' | 'replaced'; skus: string[] }

/** Up to this number of pieces on hand, a network may hold all of them. A network's only hold may always have this many pieces. */
export const PIECES_WITHOUT_SHARE = 10

/** The order that requests holds, and its buyer. */
type Claimant = Holder & { orderId: string }

/**
 * Returns the reason why the first refused line can't be held, and all SKUs refused for that reason. Returns undefined if all lines can be
 * held.
 */
export function findRefusal(
  lines: Line[],
  stocks: StoredStock[],
  claimant: Claimant,
  limits: NetworkLimits
): Refusal | undefined {
  const bySku = new Map(stocks.map(stock => [stock._id, stock]))
  const results = lines.map(({ sku, quantity }) => ({
    sku,
    reason: reasonAgainst(bySku.get(sku), quantity, claimant, limits)
  }))
  const reason = results.find(result => result.reason)?.reason
  return reason && { reason, skus: results.filter(result => result.reason === reason).map(({ sku }) => sku) }
}

/** Returns the reason why a SKU can't be held. Holds of the same order or the same buyer do not count, because they are replaced. */
function reasonAgainst(
  stock: StoredStock | undefined,
  quantity: number,
  { orderId, buyer, network }: Claimant,
  limits: NetworkLimits
): Refusal['reason'] | undefined {
  if (!stock) return 'short'
  const own = stock.holds.filter(hold => hold.orderId === orderId || (buyer !== undefined && hold.buyer === buyer))
  if (stock.available + sumOf(own) < quantity) return 'short'
  if (network === undefined) return undefined
  const others = stock.holds.filter(hold => hold.network === network && !own.includes(hold))
  if (others.length >= limits.holds) return 'limited'
  return sumOf(others) + quantity > mostPieces(stock.onHand, others.length, limits) ? 'limited' : undefined
}

/** Returns the maximum number of pieces that a network with this number of other holds may hold unpaid. */
function mostPieces(onHand: number, otherHolds: number, { percent }: NetworkLimits) {
  if (onHand <= PIECES_WITHOUT_SHARE) return onHand
  const share = Math.floor((onHand * percent) / 100)
  return otherHolds === 0 ? Math.max(share, PIECES_WITHOUT_SHARE) : share
}

const sumOf = (holds: Hold[]) => holds.reduce((sum, { quantity }) => sum + quantity, 0)
