import type { Caller } from '@bulkhead/chassis/caller'
import type { Clock } from '@bulkhead/chassis/clock'
import { decodeCursor, encodeCursor } from '@bulkhead/chassis/cursor'
import { etagOf, expectedVersion, notModified } from '@bulkhead/chassis/etag'
import { newId } from '@bulkhead/chassis/ids'
import { found, notFound } from '@bulkhead/chassis/problem'
import { type Answer, operations } from '@bulkhead/chassis/routes'
import { checkConsistency } from '../consistency.ts'
import { productCreated } from '../events.ts'
import { type StoredProduct, shownProduct, storedFields } from '../product-document.ts'
import { archiveProduct, createProduct, getProduct, listProducts, publishProduct } from '../product-operations.ts'
import { archive, publish } from '../publishing.ts'
import type { Products } from '../store.ts'
import { productKeys, refuseTaken } from '../taken.ts'

type Deps = { products: Products; clock: Clock }
type Versioned = StoredProduct & { version: number }

export function productRoutes({ products, clock }: Deps) {
  return operations()
    .handle(createProduct, async ({ body, context }) => {
      checkConsistency(body)
      const draft: StoredProduct = {
        ...storedFields(body),
        id: newId('prd', clock),
        status: 'draft',
        createdAt: clock.now()
      }
      return shown(201, await products.insert(draft, [productCreated], context).catch(refuseTaken(productKeys)))
    })
    .handle(getProduct, async ({ params, context, header }) => {
      const product = found(await products.byId(params.id))
      if (product.status !== 'published' && !isStaff(context.caller)) throw notFound()
      const headers = { ETag: etagOf(product.version) }
      return notModified(header('if-none-match'), product.version) ? { status: 304, headers } : shown(200, product)
    })
    .handle(listProducts, async ({ query: { ids, limit, cursor }, context }) => {
      const all = isStaff(context.caller)
      if (ids) {
        const those = (await products.byIds(ids)).filter(({ status }) => all || status === 'published')
        return { status: 200, body: { items: those.map(shownProduct) } }
      }
      const scope = { list: 'products', all }
      const after = cursor === undefined ? '' : String(decodeCursor(cursor, scope)[0])
      const filter = { _id: { $gt: after }, ...(!all && { status: 'published' as const }) }
      const page = await products
        .find(filter)
        .sort({ _id: 1 })
        .limit(limit + 1)
        .toArray()
      const items = page.slice(0, limit)
      const nextCursor = page.length > limit ? encodeCursor([items.at(-1)!.id], scope) : undefined
      return { status: 200, body: { items: items.map(shownProduct), nextCursor } }
    })
    .handle(publishProduct, async ({ params, header, context }) => {
      const expected = expectedVersion(header('if-match'))
      return shown(200, await products.change(params.id, expected, product => publish(product, clock.now()), context))
    })
    .handle(archiveProduct, async ({ params, header, context }) => {
      const expected = expectedVersion(header('if-match'))
      return shown(200, await products.change(params.id, expected, archive, context))
    }).router
}

const isStaff = (caller: Caller) => caller.kind === 'person' && caller.roles.includes('staff')

const shown = (status: number, product: Versioned): Answer => ({
  status,
  body: shownProduct(product),
  headers: { ETag: etagOf(product.version) }
})
