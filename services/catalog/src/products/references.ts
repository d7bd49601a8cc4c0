import { Problem } from '@bulkhead/chassis/core'
import type { Categories } from '../categories/store.ts'
import type { Family } from '../families/schemas.ts'
import type { Families } from '../families/store.ts'
import type { NewProduct } from './schemas.ts'

/** The stores of what a product names. */
export type References = { families: Families; categories: Categories }

/**
 * The family of a product's fields, if it has one. Throws a 422 that names each family and category that there is not, by pointers
 * below `/<part>`. None is ever removed, so what is there now stays.
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
  const ids = new Set(present.map(({ id }) => id))
  const errors = categoryIds.flatMap((id, at) =>
    ids.has(id) ? [] : [{ pointer: `/${part}/categories/${at}`, detail: 'There is no such category' }]
  )
  if (family === null) errors.unshift({ pointer: `/${part}/family`, detail: 'There is no such family' })
  if (errors.length > 0) throw new Problem(422, 'no-such-reference', 'The product names what is not there', { errors })
  return family ?? undefined
}
