import { type InvalidPlace, Problem } from '@bulkhead/chassis/core'
import { escapePointer } from '@bulkhead/chassis/http'
import type { Family } from '../families/schemas.ts'
import type { StoredProduct } from './document.ts'

/**
 * What a published product must have and this one has not: a variant, a price for each variant, each required attribute of its
 * family. Pointers are into the product.
 */
function missingIn({ variants, attributes }: StoredProduct, family: Family | null | undefined): InvalidPlace[] {
  const present = new Set(attributes.map(({ name }) => name))
  const required = family?.attributes.filter(({ name, required }) => required && !present.has(name)) ?? []
  return [
    ...(variants.length > 0 ? [] : [{ pointer: '/variants', detail: 'A published product has at least one variant' }]),
    ...variants.flatMap(({ prices }, at) =>
      prices.length > 0 ? [] : [{ pointer: `/variants/${at}/prices`, detail: 'Each variant has a price' }]
    ),
    ...required.map(({ name }) => ({
      pointer: `/attributes/${escapePointer(name)}`,
      detail: `Products of the family ${family?.name} have this attribute`
    }))
  ]
}

/** Throws a 422 that names what is missing, by pointers below `at`: '/body' where the product came in one. */
export function checkComplete(product: StoredProduct, family: Family | null | undefined, at: '' | '/body') {
  const errors = missingIn(product, family).map(({ pointer, detail }) => ({ pointer: at + pointer, detail }))
  if (errors.length > 0) throw new Problem(422, 'incomplete-product', 'The product is not complete', { errors })
}
