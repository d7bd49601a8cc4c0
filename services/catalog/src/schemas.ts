import { idSchema } from '@bulkhead/chassis/ids'
import { moneySchema } from '@bulkhead/chassis/money'
import * as z from 'zod'

export const productId = idSchema('prd')

const text = (most: number) => z.string().trim().min(1).max(most)

export const variant = z.object({
  sku: text(100),
  options: z.record(text(50), text(100)).default({}),
  prices: z.array(moneySchema).min(1).max(20)
})

export const newProduct = z.object({
  handle: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'Must be lower-case words joined by hyphens')
    .max(200),
  title: text(255),
  description: z.string().max(65_536).default(''),
  tags: z.array(text(100)).max(100).default([]),
  variants: z.array(variant).max(100).default([])
})

export const product = newProduct.extend({
  id: productId,
  version: z.int().min(1),
  status: z.enum(['draft', 'published', 'archived']),
  createdAt: z.iso.datetime(),
  publishedAt: z.iso.datetime().optional()
})

export type NewProduct = z.infer<typeof newProduct>

/** A product as the API shows it. */
export type Product = z.infer<typeof product>
