import { Problem } from '@bulkhead/chassis/core'
import type { Categories } from '../categories/store.ts'
import type { Family } from '../families/schemas.ts'
import type { Families } from '../families/store.ts'
import type { NewProduct } from './schemas.ts'

/** The stores of the families and categories that products name. */
export type References = { families: Families; categories: Categories }

/**
 * Returns the family that a product names, if any. Throws a 422 if the family or a category does not exist; pointers start with `/<part>`.
 * The result stays valid, because families and categories are never removed.
 */
export async function checkReferences(
  { family: familyId, categories: categoryIds }: Pick<NewProduct, 'family' | 'categories'>,
  { families, categories }: References,
  part: 'body' | 'query' = 'body'
): Promise<Family | undefined> {
  const [family, present] = await Promise.all([
    familyId === undefined ? undefined : families.byId(familyId),
    categoryIds.length === 0 ? [] : categories.byIds(categoryIds)
  ])
  const presentIds = new Set(present.map(({ id }) => id))
  const errors = categoryIds.flatMap((id, index) =>
    presentIds.has(id) ? [] : [{ pointer: `/${part}/categories/${index}`, detail: 'There is no such category' }]
  )
  if (family === null) errors.unshift({ pointer: `/${part}/family`, detail: 'There is no such family' })
  if (errors.length > 0)
    throw new Problem(422, 'no-such-reference', 'The product names a family or category that does not exist', {
      errors
    })
  return family ?? undefined
}
