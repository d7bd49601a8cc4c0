import { operation } from '@bulkhead/chassis/operation'
import * as z from 'zod'
import { newProduct, product, productId } from './product-schemas.ts'

/** Most bytes of a product's JSON: those that an import takes of its rows, for a description of 512 KiB and 2,048 variants. */
const PRODUCT_LIMIT = 4 * 1024 * 1024

const one = z.object({ id: productId })
const ids = z
  .string()
  .transform(list => list.split(','))
  .pipe(z.array(productId).min(1).max(100))

/** Makes a draft, which only staff sees. */
export const createProduct = operation({
  id: 'createProduct',
  method: 'post',
  path: '/products',
  summary: 'Make a draft of a product',
  callers: ['staff'],
  body: newProduct,
  bodyLimit: PRODUCT_LIMIT,
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

/** Products by IDs, or page after page in the order of their IDs, which is that of their making. */
export const listProducts = operation({
  id: 'listProducts',
  method: 'get',
  path: '/products',
  summary: 'Products by IDs, or all page by page',
  callers: ['public'],
  query: z.object({
    ids: ids.optional(),
    limit: z.coerce.number().int().min(1).max(100).default(20),
    cursor: z.string().optional()
  }),
  answers: {
    200: { description: 'A page', body: z.object({ items: z.array(product), nextCursor: z.string().optional() }) }
  }
})

/** Makes a complete draft visible. Needs `If-Match`. */
export const publishProduct = operation({
  id: 'publishProduct',
  method: 'post',
  path: '/products/{id}/publish',
  summary: 'Make a product visible',
  callers: ['staff'],
  params: one,
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
  answers: { 200: { description: 'The archived product', body: product } }
})

export const productOperations = [createProduct, getProduct, listProducts, publishProduct, archiveProduct]
