import { checkSameRequest, type MadeBy } from '@bulkhead/chassis/contract'
import { type Clock, conflict, pauseAfter, tooContended, WRITE_ATTEMPTS } from '@bulkhead/chassis/core'
import type { Adjustment, History } from './history.ts'
import { MOST_STOCK, type NewAdjustment } from './schemas.ts'
import type { StockStore, StoredStock } from './store.ts'

type Deps = { stock: StockStore; history: History; clock: Clock }
/** The caller's ID and the key of the request. The key must be bound to this SKU. */
type Request = { by: string; madeBy: MadeBy | undefined }

/**
 * Adjusts the stock of a SKU, once for each key. Throws a 409 `stock-too-low` or `stock-too-high` if the result is not allowed, and a 503
 * if other requests keep changing the same SKU.
 */
export async function adjust(sku: string, asked: NewAdjustment, { by, madeBy }: Request, deps: Deps) {
  const { stock, history, clock } = deps
  for (let attempt = 1; attempt <= WRITE_ATTEMPTS; attempt++) {
    const before = await stock.bySku(sku)
    const earlier = madeBy && before && (await findEarlier(before, madeBy, history))
    if (earlier) return earlier
    const adjustment: Adjustment = {
      number: (before?.last.number ?? 0) + 1,
      change: changeOf(asked, before ?? { onHand: 0, available: 0 }),
      count: asked.count,
      reason: asked.reason,
      note: asked.note,
      by,
      at: clock.now(),
      madeBy
    }
    if (before) await history.keep(sku, before.last)
    const isWritten = before
      ? await stock.adjust(before, adjustment, conditionOf(before, adjustment))
      : await stock.insert(sku, adjustment)
    if (isWritten) return adjustment
    await pauseAfter(attempt)
  }
  throw tooContended('The stock', sku)
}

type Pieces = Pick<StoredStock, 'onHand' | 'available'>

/** Returns the change of the pieces on hand. Throws a 409 if held pieces would leave, or if more than `MOST_STOCK` would be on hand. */
function changeOf({ change, count }: Pick<NewAdjustment, 'change' | 'count'>, { onHand, available }: Pieces) {
  const difference = change ?? count! - onHand
  const held = onHand - available
  if (available + difference < 0)
    throw conflict('stock-too-low', 'Not enough pieces', `${onHand} are on hand, of which ${held} are held`)
  if (onHand + difference > MOST_STOCK)
    throw conflict('stock-too-high', 'Too many pieces', `A SKU has at most ${MOST_STOCK} pieces on hand`)
  return difference
}

/**
 * Returns the condition of the write. A count requires that the pieces on hand are unchanged. Any adjustment requires enough pieces that
 * are not held.
 */
const conditionOf = ({ onHand }: StoredStock, { count, change }: Adjustment) => ({
  available: { $gte: -change },
  onHand: count === undefined ? undefined : onHand
})

/**
 * Finds the adjustment that the same request already made: the latest one in the stock, or one in the history. The history is read after
 * the stock.
 */
async function findEarlier({ last }: StoredStock, madeBy: MadeBy, history: History) {
  const earlier = last.madeBy?.key === madeBy.key ? last : await history.madeBy(madeBy.key)
  if (earlier) checkSameRequest(earlier.madeBy!, madeBy)
  return earlier
}
