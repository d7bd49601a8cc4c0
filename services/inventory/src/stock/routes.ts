import { decodeCursor, type MadeBy, toPage } from '@bulkhead/chassis/contract'
import { type Caller, type Clock, isStaff, orNotFound } from '@bulkhead/chassis/core'
import { operations } from '@bulkhead/chassis/http'
import { adjust } from './adjustment.ts'
import type { Adjustment, History } from './history.ts'
import { adjustStock, getStock, listAdjustments, listStock } from './operations.ts'
import type { Stock } from './schemas.ts'
import type { StockLevel, StockStore, StoredStock } from './store.ts'

type Deps = { stock: StockStore; history: History; clock: Clock }

export function stockRoutes({ stock, history, clock }: Deps) {
  return operations()
    .handle(getStock, async ({ params, context: { caller } }) => {
      if (!isStaff(caller)) return { status: 200, body: toPublicStock(orNotFound(await stock.levelOf(params.sku))) }
      const stored = orNotFound(await stock.bySku(params.sku))
      return { status: 200, body: { ...toStaffStock(stored), holds: toHolds(stored) } }
    })
    .handle(listStock, async ({ query: { skus, limit, cursor }, context: { caller } }) => {
      const apiStock = apiStockFor(caller)
      if (skus) {
        const levels = new Map((await stock.levelsOf(skus)).map(level => [level._id, level]))
        return { status: 200, body: { items: skus.flatMap(sku => levels.get(sku) ?? []).map(apiStock) } }
      }
      const scope = 'stock'
      const after = cursor === undefined ? '' : String(decodeCursor(cursor, scope)[0])
      const levels = await stock.levelsAfter(after, limit + 1)
      const page = toPage(levels, limit, scope, ({ _id }) => [_id])
      return { status: 200, body: { ...page, items: page.items.map(apiStock) } }
    })
    .handle(adjustStock, async ({ params: { sku }, body, requestKey, context: { caller } }) => {
      const by = caller.kind === 'person' ? caller.id : caller.kind
      const madeBy = requestKey && keyForSku(sku, requestKey.withInput(body))
      const adjustment = await adjust(sku, body, { by, madeBy }, { stock, history, clock })
      return { status: 201, body: toAdjustment(sku, adjustment) }
    })
    .handle(listAdjustments, async ({ params: { sku }, query: { limit, cursor } }) => {
      const scope = { list: 'adjustments', sku }
      const { last } = orNotFound(await stock.bySku(sku))
      const before = cursor === undefined ? last.number : Number(decodeCursor(cursor, scope)[0])
      const older = await history.before(sku, before, limit + 1)
      const all = cursor === undefined ? [last, ...older] : older
      const page = toPage(all, limit, scope, ({ number }) => [number])
      return { status: 200, body: { ...page, items: page.items.map(one => toAdjustment(sku, one)) } }
    }).router
}

const apiStockFor = (caller: Caller) => (isStaff(caller) ? toStaffStock : toPublicStock)

const toPublicStock = ({ _id: sku, available }: StockLevel): Stock => ({ sku, available })

const toStaffStock = ({ _id: sku, available, onHand }: StockLevel): Stock => ({
  sku,
  available,
  onHand,
  held: onHand - available
})

const toHolds = ({ holds }: StoredStock) =>
  holds.map(({ orderId, quantity, at }) => ({ orderId, quantity, at: at.toISOString() }))

const toAdjustment = (sku: string, { number, change, count, reason, note, by, at }: Adjustment) => ({
  sku,
  number,
  change,
  count,
  reason,
  note,
  by,
  at: at.toISOString()
})

/** Binds a key to one SKU, because a write can't see whether the document of another SKU has the key. */
const keyForSku = (sku: string, { key, content }: MadeBy): MadeBy => ({ key: `${key}/${sku}`, content })
