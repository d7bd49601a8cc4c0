import { operation, page } from '@bulkhead/chassis/contract'
import * as z from 'zod'
import { PRODUCT_BYTES } from './limits.ts'
import { newProduct, product, productId, productPatch, productQuery } from './schemas.ts'

const one = z.object({ id: productId })

/** Makes a draft, which only staff sees. */
export const createProduct = operation({
  id: 'createProduct',
  method: 'post',
  path: '/products',
  summary: 'Make a draft of a product',
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

/** One product, whole. Drafts and archived ones are there for staff only. */
export const getProduct = operation({
  id: 'getProduct',
  method: 'get',
  path: '/products/{id}',
  summary: 'One product',
  callers: ['public'],
  params: one,
  answers: { 200: { description: 'The product', body: product }, 304: { description: 'Not modified', body: null } }
})

/**
 * Titles sort without regard to case. `category` is of products in that very category. Only staff filters by status. Large
 * products make a page shorter than `limit`; of more than 16 MiB, `ids` are a 400.
 */
export const listProducts = operation({
  id: 'listProducts',
  method: 'get',
  path: '/products',
  summary: 'Products by IDs, or those that match all filters page by page',
  callers: ['public'],
  query: productQuery,
  answers: { 200: { description: 'A page', body: page(product) } }
})

/** Needs `If-Match`. A published product stays complete: else 422. */
export const replaceProduct = operation({
  id: 'replaceProduct',
  method: 'put',
  path: '/products/{id}',
  summary: 'Replace all that may be edited of a product',
  callers: ['staff'],
  params: one,
  body: newProduct,
  bodyLimit: PRODUCT_BYTES,
  guarded: true,
  answers: { 200: { description: 'The product', body: product } }
})

/** Needs `If-Match`. The result is checked as that of a PUT. */
export const patchProduct = operation({
  id: 'patchProduct',
  method: 'patch',
  path: '/products/{id}',
  summary: 'Change some of what may be edited, by a JSON merge patch (RFC 7396)',
  callers: ['staff'],
  params: one,
  body: productPatch,
  bodyLimit: PRODUCT_BYTES,
  guarded: true,
  answers: { 200: { description: 'The product', body: product } }
})

/** Makes a complete draft visible. Needs `If-Match`. */
export const publishProduct = operation({
  id: 'publishProduct',
  method: 'post',
  path: '/products/{id}/publish',
  summary: 'Make a product visible',
  callers: ['staff'],
  params: one,
  guarded: true,
  answers: { 200: { description: 'The published product', body: product } }
})

/** Takes a product out of the shop; its ID stays good. Needs `If-Match`. */
export const archiveProduct = operation({
  id: 'archiveProduct',
  method: 'post',
  path: '/products/{id}/archive',
  summary: 'Take a product out of the shop',
  callers: ['staff'],
  params: one,
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
