import { type InvalidPlace, Problem } from '@bulkhead/chassis/core'
import { escapePointer } from '@bulkhead/chassis/http'
import type { Family } from '../families/schemas.ts'
import type { StoredProduct } from './document.ts'

/**
 * Throws a 422 if a product can't be published. It must have a variant, a price for each variant and each required attribute of its
 * family. Pointers start with `prefix`, which is '/body' if the request had the product in its body.
 */
export function checkComplete(product: StoredProduct, family: Family | null | undefined, prefix: '' | '/body') {
  const errors = findMissing(product, family).map(({ pointer, detail }) => ({ pointer: prefix + pointer, detail }))
  if (errors.length > 0) throw new Problem(422, 'incomplete-product', 'The product is not complete', { errors })
}

function findMissing({ variants, attributes }: StoredProduct, family: Family | null | undefined): InvalidPlace[] {
  const present = new Set(attributes.map(({ name }) => name))
  const required = family?.attributes.filter(({ name, required }) => required && !present.has(name)) ?? []
  const unpriced = [...variants.entries()].filter(([, { prices }]) => prices.length === 0)
  const missing = [
    ...unpriced.map(([index]) => ({ pointer: `/variants/${index}/prices`, detail: 'Each variant has a price' })),
    ...required.map(({ name }) => ({
      pointer: `/attributes/${escapePointer(name)}`,
      detail: `Products of the family ${family?.name} have this attribute`
    }))
  ]
  if (variants.length === 0)
    missing.unshift({ pointer: '/variants', detail: 'A published product has at least one variant' })
  return missing
}
