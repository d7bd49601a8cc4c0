import type { Caller } from '@bulkhead/chassis/caller'
import type { Clock } from '@bulkhead/chassis/clock'
import { decodeCursor, encodeCursor } from '@bulkhead/chassis/cursor'
import { etagOf, expectedVersion, notModified } from '@bulkhead/chassis/etag'
import { newId } from '@bulkhead/chassis/ids'
import { conflict, found, notFound } from '@bulkhead/chassis/problem'
import { type Answer, operations } from '@bulkhead/chassis/routes'
import { MongoServerError } from 'mongodb'
import { productCreated } from '../events.ts'
import { archiveProduct, createProduct, getProduct, listProducts, publishProduct } from '../operations.ts'
import { archive, publish } from '../publishing.ts'
import type { Products, StoredProduct } from '../store.ts'

type Deps = { products: Products; clock: Clock }
type Versioned = StoredProduct & { version: number }

export function productRoutes({ products, clock }: Deps) {
  return operations()
    .handle(createProduct, async ({ body, context }) => {
      const draft: StoredProduct = { ...body, id: newId('prd', clock), status: 'draft', createdAt: clock.now() }
      return shown(201, await products.insert(draft, [productCreated], context).catch(takenHandle(body.handle)))
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
        return { status: 200, body: { items: those.map(document) } }
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
      return { status: 200, body: { items: items.map(document), nextCursor } }
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
  body: document(product),
  headers: { ETag: etagOf(product.version) }
})

const document = ({ createdAt, publishedAt, ...product }: Versioned) => ({
  ...product,
  createdAt: createdAt.toISOString(),
  ...(publishedAt && { publishedAt: publishedAt.toISOString() })
})

const DUPLICATE_KEY = 11_000

const takenHandle = (handle: string) => (error: unknown) => {
  if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error
  throw conflict('handle-taken', 'Another product has this handle', handle, error)
}
