import { setTimeout } from 'node:timers/promises'
import { backoff, type Clock, unavailable } from '@bulkhead/chassis/core'
import { ATTEMPTS, MOST_STOCK } from '../limits.ts'
import type { Adjustment, History } from '../stock/history.ts'
import type { Counting, StockStore, StoredStock } from '../stock/store.ts'

type Quantity = { sku: string; quantity: number }
type Deps = { stock: StockStore; history: History; clock: Clock }

/**
 * Sets the pieces on hand to what an import counted, once for each SKU however often it is called: where an import that is as new or
 * newer was taken, nothing changes. Returns how many SKUs were written. Pieces that are held stay, also where fewer were counted. 503
 * where others keep changing the same SKUs.
 */
export async function count(
  importId: string,
  quantities: Quantity[],
  { stock, history, clock }: Deps
): Promise<number> {
  let left = new Map(
    quantities.map(({ sku, quantity }) => [sku, Math.min(Math.max(Math.floor(quantity), 0), MOST_STOCK)])
  )
  let written = 0
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = new Map((await stock.bySkus([...left.keys()])).map(one => [one._id, one]))
    left = new Map([...left].filter(([sku]) => (found.get(sku)?.counted ?? '') < importId))
    const countings = [...left].map(([sku, quantity]) =>
      countingOf(sku, quantity, found.get(sku), importId, clock.now())
    )
    await history.keepAll(countings.flatMap(({ before, adjustment }) => (before && adjustment ? before : [])))
    const done = await stock.count(importId, countings)
    written += done
    if (done === countings.length) return written
    await setTimeout(backoff(attempt, 2, 50))
  }
  throw unavailable('The stock', 1, new Error(`SKUs of ${importId} were changed by others ${ATTEMPTS} times`))
}

/** What is to be written of a SKU: an adjustment, or nothing but that it was counted where there are as many as counted. */
function countingOf(sku: string, quantity: number, before: StoredStock | undefined, by: string, at: Date): Counting {
  const { onHand, available } = before ?? { onHand: 0, available: 0 }
  const change = Math.max(quantity - onHand, -available)
  const isLimited = quantity - onHand < change
  const ground = { sku, before, available: isLimited ? available : { $gte: -change } }
  if (before && change === 0) return { ...ground, adjustment: undefined }
  const number = (before?.last.number ?? 0) + 1
  const adjustment: Adjustment = { ...{ number, change, count: quantity, reason: 'counted', by, at } }
  return { ...ground, adjustment }
}
