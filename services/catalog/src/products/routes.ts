import { preconditionFailed } from '@bulkhead/chassis/contract'
import { type Clock, type Context, forbidden, found, isStaff, notFound } from '@bulkhead/chassis/core'
import { operations, readInput, shown, shownUnlessKnown } from '@bulkhead/chassis/http'
import { pageOf, refuseTaken, type Versioned } from '@bulkhead/chassis/mongo'
import { productCreated } from '../events.ts'
import type { Stores } from '../store.ts'
import { productKeys } from '../taken-problems.ts'
import { checkConsistency } from './consistency.ts'
import { draftOf, type StoredProduct, shownProduct } from './document.ts'
import { replaceFields } from './editing.ts'
import { productList, productsByIds } from './list.ts'
import { mergePatch } from './merge-patch.ts'
import {
  archiveProduct,
  createProduct,
  getProduct,
  listProducts,
  patchProduct,
  publishProduct,
  replaceProduct
} from './operations.ts'
import { archive, publish } from './publishing.ts'
import { checkReferences } from './references.ts'
import { type NewProduct, newProduct } from './schemas.ts'

type Deps = Stores & { clock: Clock }

export function productRoutes({ clock, ...stores }: Deps) {
  const { products, families } = stores

  /** The product that a caller read, before anything is said of what it is to become: 404 and 412 come first. */
  async function asRead(id: string, expected: number) {
    const product = found(await products.byId(id))
    if (product.version !== expected) throw preconditionFailed(product.version)
    return product
  }

  async function replace({ id, version }: Versioned<StoredProduct>, fields: NewProduct, context: Context) {
    const family = await checkReferences(fields, stores)
    const change = products.change(id, version, product => replaceFields(product, fields, family), context)
    return shown(200, shownProduct(await change.catch(refuseTaken(productKeys))))
  }

  return operations()
    .handle(createProduct, async ({ body, requestKey, context }) => {
      const madeBy = requestKey?.of(body)
      // First, for what was made stays made, whatever became of families and categories since.
      const earlier = madeBy && (await products.madeBefore(madeBy))
      if (earlier) return shown(201, shownProduct(earlier))
      checkConsistency(body, await checkReferences(body, stores))
      const draft = draftOf(body, clock.now())
      const insertion = products.insert(draft, [productCreated], context, madeBy)
      return shown(201, shownProduct(await insertion.catch(refuseTaken(productKeys))))
    })
    .handle(getProduct, async ({ params, context, header }) => {
      const product = found(await products.byId(params.id))
      if (product.status !== 'published' && !isStaff(context.caller)) throw notFound()
      return shownUnlessKnown(header('if-none-match'), product, shownProduct)
    })
    .handle(listProducts, async ({ query, context }) => {
      const seesAll = isStaff(context.caller)
      const { ids, limit, cursor } = query
      if (ids) {
        const those = await productsByIds(products, ids, seesAll)
        return { status: 200, body: { items: those.map(shownProduct) } }
      }
      if (query.status && !seesAll) throw forbidden('Only staff filters by status')
      const { items, ...rest } = await pageOf(products, { ...productList(query, seesAll), limit, cursor })
      return { status: 200, body: { items: items.map(shownProduct), ...rest } }
    })
    .handle(replaceProduct, async ({ params, body, ifMatch, context }) =>
      replace(await asRead(params.id, ifMatch), body, context)
    )
    .handle(patchProduct, async ({ params, body, ifMatch, context }) => {
      const product = await asRead(params.id, ifMatch)
      const merged = mergePatch(shownProduct(product), body)
      return replace(product, readInput(newProduct, 'body', merged), context)
    })
    .handle(publishProduct, async ({ params, ifMatch, context }) => {
      const { family: familyId } = found(await products.byId(params.id))
      const family = familyId === undefined ? undefined : await families.byId(familyId)
      const change = products.change(params.id, ifMatch, product => publish(product, family, clock.now()), context)
      return shown(200, shownProduct(await change))
    })
    .handle(archiveProduct, async ({ params, ifMatch, context }) => {
      return shown(200, shownProduct(await products.change(params.id, ifMatch, archive, context)))
    }).router
}
