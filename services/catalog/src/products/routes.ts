import { preconditionFailed } from '@bulkhead/chassis/contract'
import { type Clock, type Context, forbidden, isStaff, notFound, orNotFound } from '@bulkhead/chassis/core'
import { operations, readInput, withETag, withETagOr304 } from '@bulkhead/chassis/http'
import type { Versioned } from '@bulkhead/chassis/mongo'
import { checkConsistency } from './consistency.ts'
import { createDraft, type StoredProduct, toProduct } from './document.ts'
import { replaceFields } from './editing.ts'
import { productCreated } from './events.ts'
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
import { checkReferences, type References } from './references.ts'
import { type NewProduct, newProduct } from './schemas.ts'
import type { Products } from './store.ts'

export function productRoutes({ products, ...references }: References & { products: Products }, clock: Clock) {
  /** Reads the product before its new fields are checked, so that a 404 or 412 comes before any error of a field. */
  async function readVersion(id: string, expected: number) {
    const product = orNotFound(await products.byId(id))
    if (product.version !== expected) throw preconditionFailed(product.version)
    return product
  }

  async function replace({ id, version }: Versioned<StoredProduct>, fields: NewProduct, context: Context) {
    const family = await checkReferences(fields, references)
    const rule = (product: Versioned<StoredProduct>) => replaceFields(product, fields, family)
    return withETag(200, toProduct(await products.change(id, version, rule, context)))
  }

  return operations()
    .handle(createProduct, async ({ body, requestKey, context }) => {
      const madeBy = requestKey?.withInput(body)
      // Look for a repeated request first: it gets its product even if families and categories have changed.
      const earlier = madeBy && (await products.madeBefore(madeBy))
      if (earlier) return withETag(201, toProduct(earlier))
      checkConsistency(body, await checkReferences(body, references))
      const draft = createDraft(body, clock.now())
      return withETag(201, toProduct(await products.insert(draft, [productCreated], context, madeBy)))
    })
    .handle(getProduct, async ({ params, context, header }) => {
      const product = orNotFound(await products.byId(params.id))
      if (product.status !== 'published' && !isStaff(context.caller)) throw notFound()
      return withETagOr304(header('if-none-match'), product, toProduct)
    })
    .handle(listProducts, async ({ query, context }) => {
      const seesAll = isStaff(context.caller)
      if (query.status && !seesAll) throw forbidden('Only staff filters by status')
      const page = query.ids
        ? { items: await products.visibleByIds(query.ids, seesAll) }
        : await products.page(query, seesAll)
      return { status: 200, body: { ...page, items: page.items.map(toProduct) } }
    })
    .handle(replaceProduct, async ({ params, body, ifMatch, context }) =>
      replace(await readVersion(params.id, ifMatch), body, context)
    )
    .handle(patchProduct, async ({ params, body, ifMatch, context }) => {
      const product = await readVersion(params.id, ifMatch)
      const merged = mergePatch(toProduct(product), body)
      return replace(product, readInput(newProduct, 'body', merged), context)
    })
    .handle(publishProduct, async ({ params, ifMatch, context }) => {
      const { family: familyId } = orNotFound(await products.byId(params.id))
      const family = familyId === undefined ? undefined : await references.families.byId(familyId)
      const rule = (product: StoredProduct) => publish(product, family, clock.now())
      return withETag(200, toProduct(await products.change(params.id, ifMatch, rule, context)))
    })
    .handle(archiveProduct, async ({ params, ifMatch, context }) =>
      withETag(200, toProduct(await products.change(params.id, ifMatch, archive, context)))
    ).router
}
