import { operation, pageSchema } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { PRODUCT_BYTES } from './limits.ts'
import { newProduct, product, productId, productPatch, productQuery } from './schemas.ts'

const params = z.object({ id: productId })

/** Creates a draft, which only staff can see. With an `Idempotency-Key`, a repeated request returns the first product. */
export const createProduct = operation({
  id: 'createProduct',
  method: 'post',
  path: '/products',
  summary: 'Create a draft of a product',
  callers: ['staff'],
  body: newProduct,
  example: {
    handle: 'blue-mug',
    title: 'Blue mug',
    variants: [{ sku: 'MUG-BLUE', prices: [{ amount: 1250, currency: 'EUR' }] }]
  },
  bodyLimit: PRODUCT_BYTES,
  keyed: true,
  answers: { 201: { description: 'The draft', body: product } }
})

/** Returns a product. Everyone except staff gets a 404 for drafts and archived products. */
export const getProduct = operation({
  id: 'getProduct',
  method: 'get',
  path: '/products/{id}',
  summary: 'Get a product',
  callers: ['public'],
  params,
  answers: { 200: { description: 'The product', body: product }, 304: { description: 'Not modified', body: null } }
})

/**
 * Lists products. Titles sort without regard to case. `category` finds products in exactly that category. Only staff can filter by status.
 * If products are large, a page has fewer than `limit`. Returns 400 if the products of `ids` have more than 16 MiB together.
 */
export const listProducts = operation({
  id: 'listProducts',
  method: 'get',
  path: '/products',
  summary: 'List products by IDs or by filters',
  callers: ['public'],
  query: productQuery,
  answers: { 200: { description: 'A page', body: pageSchema(product) } }
})

/** Replaces a product. Needs `If-Match`. Returns 422 if a published product would become incomplete. */
export const replaceProduct = operation({
  id: 'replaceProduct',
  method: 'put',
  path: '/products/{id}',
  summary: 'Replace the editable fields of a product',
  callers: ['staff'],
  params,
  body: newProduct,
  bodyLimit: PRODUCT_BYTES,
  guarded: true,
  answers: { 200: { description: 'The product', body: product } }
})

/** Changes some fields of a product. Needs `If-Match`. The result is checked in the same way as for a PUT. */
export const patchProduct = operation({
  id: 'patchProduct',
  method: 'patch',
  path: '/products/{id}',
  summary: 'Change some fields of a product by a JSON merge patch (RFC 7396)',
  callers: ['staff'],
  params,
  body: productPatch,
  bodyLimit: PRODUCT_BYTES,
  guarded: true,
  answers: { 200: { description: 'The product', body: product } }
})

/** Makes a complete draft visible. Needs `If-Match`. Returns 422 if the draft is not complete. */
export const publishProduct = operation({
  id: 'publishProduct',
  method: 'post',
  path: '/products/{id}/publish',
  summary: 'Publish a product',
  callers: ['staff'],
  params,
  guarded: true,
  answers: { 200: { description: 'The published product', body: product } }
})

/** Removes a product from the shop. The product keeps its ID, handle and SKUs. Needs `If-Match`. */
export const archiveProduct = operation({
  id: 'archiveProduct',
  method: 'post',
  path: '/products/{id}/archive',
  summary: 'Archive a product',
  callers: ['staff'],
  params,
  guarded: true,
  answers: { 200: { description: 'The archived product', body: product } }
})

export const productOperations = [
  createProduct,
  getProduct,
  listProducts,
  replaceProduct,
  patchProduct,
  publishProduct,
  archiveProduct
]
