import { idList, pageQuery } from '@bulkhead/chassis/contract'
import { idSchema, textSchema } from '@bulkhead/chassis/core'
import * as z from 'zod'

export const categoryId = idSchema('cat')

/** Maximum number of levels in the tree. */
export const MOST_LEVELS = 10

/** A category's name. It is unique below the same parent. */
export const categoryName = z.object({ name: textSchema(100) })

/** A new category. Its parent is fixed, because a category that could move could become its own ancestor. */
export const newCategory = categoryName.extend({ parent: categoryId.optional() })

/** A category. `ancestors` are IDs from the top down to the parent; with names instead, a rename would leave outdated copies. */
export const category = newCategory.extend({
  id: categoryId,
  version: z.int().min(1),
  ancestors: z.array(categoryId)
})

export const categoryQuery = z
  .object({
    ids: idList(categoryId).optional(),
    parent: z.union([categoryId, z.literal('none')]).optional(),
    ...pageQuery
  })
  .refine(({ ids, parent, cursor }) => ids === undefined || (parent === undefined && cursor === undefined), {
    path: ['ids'],
    message: 'Go without parent and cursor'
  })

export type CategoryQuery = z.infer<typeof categoryQuery>

/** A category as it is stored. The API shows it with its version. */
export type Category = Omit<z.infer<typeof category>, 'version'>
