import { Problem } from '@bulkhead/chassis/core'
import type { NewOrder } from '../orders/schemas.ts'
import type { ShippingMethod } from './rates.ts'

const ADDRESS_FIELDS = ['name', 'street', 'city', 'postalCode'] as const

/**
 * The shipping method of an order; undefined if no line needs shipping. Throws a 422 that names each missing field if a line does.
 */
export function shippingMethodOf(
  { shippingMethod, deliveryAddress }: Pick<NewOrder, 'shippingMethod' | 'deliveryAddress'>,
  lines: { requiresShipping: boolean }[]
): ShippingMethod | undefined {
  if (!lines.some(({ requiresShipping }) => requiresShipping)) return undefined
  const missing = ADDRESS_FIELDS.filter(field => deliveryAddress[field] === undefined)
  const pointers = missing.map(field => `/body/deliveryAddress/${field}`)
  if (shippingMethod && pointers.length === 0) return shippingMethod
  if (!shippingMethod) pointers.unshift('/body/shippingMethod')
  throw new Problem(422, 'delivery-incomplete', 'Fields of the delivery are missing', {
    errors: pointers.map(pointer => ({ pointer, detail: 'Needed, because a line of the order is shipped' }))
  })
}
