import { decodeCursor, type MadeBy, pageFrom } from '@bulkhead/chassis/contract'
import { type Caller, type Clock, found, isStaff } from '@bulkhead/chassis/core'
import { operations } from '@bulkhead/chassis/http'
import { adjust } from './adjusting.ts'
import type { Adjustment, History } from './history.ts'
import { adjustStock, getStock, listAdjustments, listStock } from './operations.ts'
import type { Stock } from './schemas.ts'
import type { StockLevel, StockStore, StoredStock } from './store.ts'

export type StockDeps = { stock: StockStore; history: History; clock: Clock }

const LIST = 'stock'

export function stockRoutes({ stock, history, clock }: StockDeps) {
  return operations()
    .handle(getStock, async ({ params, context: { caller } }) => {
      const show = shown(caller)
      if (!isStaff(caller)) return { status: 200, body: show(found(await stock.levelOf(params.sku))) }
      const stored = found(await stock.bySku(params.sku))
      return { status: 200, body: { ...show(stored), holds: holdsOf(stored) } }
    })
    .handle(listStock, async ({ query: { skus, limit, cursor }, context: { caller } }) => {
      if (skus) {
        const stored = new Map((await stock.levelsOf(skus)).map(one => [one._id, one]))
        return { status: 200, body: { items: skus.flatMap(sku => stored.get(sku) ?? []).map(shown(caller)) } }
      }
      const after = cursor === undefined ? '' : String(decodeCursor(cursor, LIST)[0])
      const { items, ...rest } = pageFrom(await stock.levelsAfter(after, limit + 1), limit, LIST, ({ _id }) => [_id])
      return { status: 200, body: { items: items.map(shown(caller)), ...rest } }
    })
    .handle(adjustStock, async ({ params: { sku }, body, requestKey, context: { caller } }) => {
      const by = caller.kind === 'person' ? caller.id : caller.kind
      const request = { by, madeBy: requestKey && keyOf(sku, requestKey.of(body)) }
      const made = await adjust(sku, body, request, { stock, history, clock })
      return { status: 201, body: shownAdjustment(sku)(made) }
    })
    .handle(listAdjustments, async ({ params: { sku }, query: { limit, cursor } }) => {
      const scope = { list: 'adjustments', sku }
      const { last } = found(await stock.bySku(sku))
      const before = cursor === undefined ? last.number : Number(decodeCursor(cursor, scope)[0])
      const older = await history.before(sku, before, limit + 1)
      const all = cursor === undefined ? [last, ...older] : older
      const { items, ...rest } = pageFrom(all, limit, scope, ({ number }) => [number])
      return { status: 200, body: { items: items.map(shownAdjustment(sku)), ...rest } }
    }).router
}

const shown =
  (caller: Caller) =>
  ({ _id: sku, available, onHand }: StockLevel): Stock =>
    isStaff(caller) ? { sku, available, onHand, held: onHand - available } : { sku, available }

/** A key is good for one SKU: what another's document says can't be seen with the write. */
const keyOf = (sku: string, { key, content }: MadeBy): MadeBy => ({ key: `${key}/${sku}`, content })

const holdsOf = ({ holds }: StoredStock) =>
  holds.map(({ orderId, quantity, at }) => ({ orderId, quantity, at: at.toISOString() }))

const shownAdjustment =
  (sku: string) =>
  ({ number, change, count, reason, note, by, at }: Adjustment) => ({
    ...{ sku, number, change, count, reason, note, by },
    at: at.toISOString()
  })
