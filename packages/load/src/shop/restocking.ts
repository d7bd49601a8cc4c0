import { type Call, HeldBack, RequestFailed } from '../gateway/gateway.ts'

const STOCK = '/api/v1/inventory/stock'
/** The pieces that are added, and the pause between two additions to a SKU (ms). */
const [PIECES, PAUSE] = [50, 60_000]
/** Maximum number of SKUs whose last restock is remembered. */
const MOST_SKUS = 1_000

/** Returns a function that adds pieces to a SKU, at most once a minute. A refusal is only counted, because shoppers can choose another SKU. */
export function restocker(call: Call, token: () => Promise<string>, now = Date.now): (sku: string) => Promise<void> {
  const restocked = new Map<string, number>()
  return async sku => {
    if ((restocked.get(sku) ?? 0) > now() - PAUSE) return
    restocked.delete(sku)
    restocked.set(sku, now())
    if (restocked.size > MOST_SKUS) restocked.delete(restocked.keys().next().value!)
    const body = { change: PIECES, reason: 'received' }
    const path = `${STOCK}/${encodeURIComponent(sku)}/adjustments`
    try {
      await call('restock', [201], 'POST', path, { token: await token(), body })
    } catch (error) {
      if (!(error instanceof RequestFailed || error instanceof HeldBack)) throw error
    }
  }
}
