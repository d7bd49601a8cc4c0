import { idSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

export const itemId = idSchema('itm')

export const newItem = z.object({
  title: z.string().trim().min(1).max(255),
  note: z.string().max(4_096).default('')
})

/** The fields to change. The others stay as they are. */
export const itemChange = z.object({ title: newItem.shape.title, note: z.string().max(4_096) }).partial()

export const item = newItem.extend({
  id: itemId,
  version: z.int().min(1),
  createdAt: z.iso.datetime()
})

export type NewItem = z.infer<typeof newItem>
export type ItemChange = z.infer<typeof itemChange>

/** An item as the API shows it. */
export type Item = z.infer<typeof item>
