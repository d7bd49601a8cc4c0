import { Problem } from '@bulkhead/chassis/core'
import type { NewOrder } from '../orders/schemas.ts'
import type { ShippingMethod } from './rates.ts'

const ADDRESS_FIELDS = ['name', 'street', 'city', 'postalCode'] as const

/**
 * The method by which an order is shipped, undefined if none of its lines needs shipping. Throws a 422 that names each missing field if
 * something is to be shipped.
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
  throw new Problem(422, 'delivery-incomplete', 'Say how and where to ship the order', {
    errors: pointers.map(pointer => ({ pointer, detail: 'It is needed: something of the order is shipped' }))
  })
}
