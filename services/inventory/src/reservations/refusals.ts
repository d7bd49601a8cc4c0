import { PIECES_WITHOUT_SHARE } from '../limits.ts'
import type { Hold, Holder, StoredStock } from '../stock/store.ts'
import type { Line } from './schemas.ts'

/** What one network may hold unpaid of one SKU: so many holds, and so many percent of the pieces on hand. */
export type NetworkLimits = { holds: number; percent: number }

/**
 * Why lines can't be held, and their SKUs. `short`: there are too few pieces. `limited`: the network would hold too many unpaid. `replaced`:
 * a newer order of the same buyer holds them.
 */
export type Refused = { why: 'short' | 'limited' | 'replaced'; skus: string[] }

/** The order that lines are to be held for. */
type Asking = Holder & { orderId: string }

/** Why lines can't be held as the stock is now, and which can't for the reason of the first of them; undefined where all can. */
export function refusedOf(
  lines: Line[],
  stocks: StoredStock[],
  asking: Asking,
  limits: NetworkLimits
): Refused | undefined {
  const found = new Map(stocks.map(stock => [stock._id, stock]))
  const all = lines.map(line => ({ sku: line.sku, why: refusalOf(found.get(line.sku), line.quantity, asking, limits) }))
  const why = all.find(one => one.why)?.why
  return why && { why, skus: all.filter(one => one.why === why).map(({ sku }) => sku) }
}

/** Holds of the order and other holds of its buyer give way, so they don't count. */
function refusalOf(
  stock: StoredStock | undefined,
  quantity: number,
  { orderId, buyer, network }: Asking,
  limits: NetworkLimits
): Refused['why'] | undefined {
  if (!stock) return 'short'
  const own = stock.holds.filter(hold => hold.orderId === orderId || (buyer !== undefined && hold.buyer === buyer))
  if (stock.available + piecesOf(own) < quantity) return 'short'
  if (network === undefined) return undefined
  const others = stock.holds.filter(hold => hold.network === network && !own.includes(hold))
  if (others.length >= limits.holds) return 'limited'
  return piecesOf(others) + quantity > mostPieces(stock.onHand, others.length, limits) ? 'limited' : undefined
}

/** Pieces that a network may hold unpaid. Its only hold may be of a few pieces even where these are more than its share. */
function mostPieces(onHand: number, holds: number, { percent }: NetworkLimits) {
  if (onHand <= PIECES_WITHOUT_SHARE) return onHand
  const share = Math.floor((onHand * percent) / 100)
  return holds === 0 ? Math.max(share, PIECES_WITHOUT_SHARE) : share
}

const piecesOf = (holds: Hold[]) => holds.reduce((sum, { quantity }) => sum + quantity, 0)
