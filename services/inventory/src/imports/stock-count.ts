import { type Clock, pauseAfter, tooContended, WRITE_ATTEMPTS } from '@bulkhead/chassis/core'
import type { Adjustment, History } from '../stock/history.ts'
import { MOST_STOCK } from '../stock/schemas.ts'
import type { Counting, StockStore, StoredStock } from '../stock/store.ts'

type Quantity = { sku: string; quantity: number }
type Deps = { stock: StockStore; history: History; clock: Clock }

/**
 * Sets the pieces on hand to the quantities of an import. Returns how many SKUs it wrote. A repeated call changes nothing, and SKUs that
 * this import or a newer one has counted are skipped. Held pieces stay, even if fewer pieces were counted. Throws a 503 if other requests
 * keep changing the same SKUs.
 */
export async function applyCount(importId: string, quantities: Quantity[], { stock, history, clock }: Deps) {
  let left = new Map(quantities.map(({ sku, quantity }) => [sku, validPieces(quantity)]))
  let written = 0
  for (let attempt = 1; attempt <= WRITE_ATTEMPTS; attempt++) {
    const present = new Map((await stock.bySkus([...left.keys()])).map(one => [one._id, one]))
    left = new Map([...left].filter(([sku]) => (present.get(sku)?.counted ?? '') < importId))
    const countings = [...left].map(([sku, quantity]) =>
      countingOf(sku, quantity, present.get(sku), importId, clock.now())
    )
    await history.keepAll(countings.flatMap(replacedAdjustment))
    const done = await stock.count(importId, countings)
    written += done
    if (done === countings.length) return written
    await pauseAfter(attempt)
  }
  throw tooContended('The stock', `SKUs of ${importId}`)
}

const validPieces = (quantity: number) => Math.min(Math.max(Math.floor(quantity), 0), MOST_STOCK)

/** Returns the write for one SKU: an adjustment, or only the mark that the SKU was counted if the count changes nothing. */
function countingOf(sku: string, quantity: number, before: StoredStock | undefined, by: string, at: Date): Counting {
  const { onHand, available } = before ?? { onHand: 0, available: 0 }
  const change = Math.max(quantity - onHand, -available)
  const isLimitedByHolds = quantity - onHand < change
  const adjustment: Adjustment = {
    number: (before?.last.number ?? 0) + 1,
    change,
    count: quantity,
    reason: 'counted',
    by,
    at
  }
  return {
    sku,
    before,
    available: isLimitedByHolds ? available : { $gte: -change },
    adjustment: before && change === 0 ? undefined : adjustment
  }
}

/** Returns the adjustment that a counting replaces in the document of the stock. */
const replacedAdjustment = ({ sku, before, adjustment }: Counting) =>
  before && adjustment ? [{ sku, adjustment: before.last }] : []
