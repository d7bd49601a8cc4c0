import { setTimeout } from 'node:timers/promises'
import { checkSameRequest, type MadeBy } from '@bulkhead/chassis/contract'
import { backoff, type Clock, conflict, unavailable } from '@bulkhead/chassis/core'
import { ATTEMPTS, MOST_STOCK } from '../limits.ts'
import type { Adjustment, History } from './history.ts'
import type { NewAdjustment } from './schemas.ts'
import type { StockStore, StoredStock } from './store.ts'

type Pieces = Pick<StoredStock, 'onHand' | 'available'>
type Deps = { stock: StockStore; history: History; clock: Clock }
type Request = { by: string; madeBy: MadeBy | undefined }

/** The change of the pieces on hand that is asked for. 409 where it would take held ones, or be more than `MOST_STOCK`. */
function changeOf({ change, count }: Pick<NewAdjustment, 'change' | 'count'>, { onHand, available }: Pieces) {
  const difference = change ?? count! - onHand
  const held = onHand - available
  if (available + difference < 0)
    throw conflict('stock-too-low', 'There are not as many', `${onHand} are on hand, of which ${held} are held`)
  if (onHand + difference > MOST_STOCK)
    throw conflict('stock-too-high', 'There would be too many', `At most ${MOST_STOCK} of a SKU`)
  return difference
}

/** Makes an adjustment, once for each key in `madeBy`, which must be of this SKU alone. 409 as `changeOf` says. */
export async function adjust(sku: string, asked: NewAdjustment, { by, madeBy }: Request, deps: Deps) {
  const { stock, history, clock } = deps
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const before = await stock.bySku(sku)
    const earlier = madeBy && before && (await earlierOf(before, madeBy, history))
    if (earlier) return earlier
    const change = changeOf(asked, before ?? { onHand: 0, available: 0 })
    const { count, reason, note } = asked
    const number = (before?.last.number ?? 0) + 1
    const adjustment: Adjustment = {
      ...{ number, change, reason, by, at: clock.now() },
      ...(count !== undefined && { count }),
      ...(note !== undefined && { note }),
      ...(madeBy && { madeBy })
    }
    if (before) await history.keep(sku, before.last)
    const made = before
      ? stock.adjust(before, adjustment, stillRight(before, adjustment))
      : stock.insert(sku, adjustment)
    if (await made) return adjustment
    await setTimeout(backoff(attempt, 2, 50))
  }
  throw unavailable('The stock', 1, new Error(`${sku} was changed by others ${ATTEMPTS} times`))
}

/** A count is right while nothing leaves; any change while nothing that it takes is held meanwhile. */
const stillRight = ({ onHand }: StoredStock, { count, change }: Adjustment) => ({
  available: { $gte: -change },
  ...(count !== undefined && { onHand })
})

/** What the same request made before. It is looked for after the stock was read: made later, it has changed the stock's `last`. */
async function earlierOf({ last }: StoredStock, madeBy: MadeBy, history: History) {
  const earlier = last.madeBy?.key === madeBy.key ? last : await history.madeBy(madeBy.key)
  if (earlier) checkSameRequest(earlier.madeBy!, madeBy)
  return earlier
}
