import { idList, paging } from '@bulkhead/chassis/contract'
import { idSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'
import { text } from '../text.ts'

export const categoryId = idSchema('cat')

/** Levels of the tree at most. */
export const MOST_LEVELS = 10

/** A category's name, which no other one below the same parent has. */
export const categoryName = z.object({ name: text(100) })

/** Its place is fixed: a category that could move could become its own ancestor. */
export const newCategory = categoryName.extend({ parent: categoryId.optional() })

/** `ancestors` are those from the top down to its parent. Names of theirs would be copies, which a rename makes wrong. */
export const category = newCategory.extend({
  id: categoryId,
  version: z.int().min(1),
  ancestors: z.array(categoryId)
})

export const categoryQuery = z
  .object({
    ids: idList(categoryId).optional(),
    parent: z.union([categoryId, z.literal('none')]).optional(),
    ...paging
  })
  .refine(({ ids, parent, cursor }) => ids === undefined || (parent === undefined && cursor === undefined), {
    path: ['ids'],
    message: 'Go without parent and cursor'
  })

export type CategoryQuery = z.infer<typeof categoryQuery>

/** A category as it is stored, and, with its version, as the API shows it. */
export type Category = Omit<z.infer<typeof category>, 'version'>
