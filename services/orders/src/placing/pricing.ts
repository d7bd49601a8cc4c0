import {
  addMoney,
  conflict,
  type InvalidPlace,
  invalidInput,
  type Money,
  Problem,
  timesMoney
} from '@bulkhead/chassis/core'
import type { Offer } from '../clients/catalog.ts'
import type { NewOrder, Order } from '../orders/schemas.ts'
import { type ShippingMethod, shippingPrice } from './rates.ts'
import { taxesIn } from './tax.ts'

/** Maximum total of an order, in minor units. With this limit, sums over many orders stay exact in payments. */
export const MOST_TOTAL = 10_000_000_000

/** The fields of an address that only shipped lines need. */
const SHIPPING_FIELDS = ['name', 'street', 'city', 'postalCode'] as const

type Prices = Pick<Order, 'lines' | 'subtotal' | 'shipping' | 'total' | 'tax'>

/** Throws a 400 if two lines have the same SKU. */
export function checkLines({ lines }: NewOrder) {
  const twice = lines.flatMap(({ sku }, index) =>
    lines.findIndex(line => line.sku === sku) < index
      ? [{ pointer: `/body/lines/${index}/sku`, detail: 'Another line has the same SKU' }]
      : []
  )
  if (twice.length > 0) throw invalidInput(twice)
}

/**
 * Prices an order from catalog's offers: lines, shipping, tax and total. Throws a 422 that names each line without an offer or each missing
 * field of the delivery. Throws a 422 if the total is too high, and a 409 if the total differs from the buyer's expected total.
 */
export function priceOrder(newOrder: NewOrder, offers: Offer[]): Prices {
  const { currency, expectedTotal } = newOrder
  const country = newOrder.deliveryAddress.country
  const offered = offeredLines(newOrder, offers)
  const method = shippingMethodOf(newOrder, offered)
  const shipped = offered.filter(({ requiresShipping }) => requiresShipping)
  const free: Money = { amount: 0, currency }
  const price = method ? shippingPrice(country, method, sumOf(shipped, currency)) : free
  const subtotal = sumOf(offered, currency)
  const total = addMoney(subtotal, price)
  if (total.amount > MOST_TOTAL) throw totalTooHigh()
  if (expectedTotal && !isSame(expectedTotal, total)) {
    const detail = `It is ${total.amount} in minor units of ${total.currency}`
    throw conflict('total-changed', 'The total has changed', detail)
  }
  const taxes = taxesIn(country, offered, price)
  return {
    lines: offered.map((line, index) => ({ ...line, tax: taxes.lines[index]! })),
    subtotal,
    shipping: method && { method, price, tax: taxes.shipping },
    total,
    tax: { rate: taxes.rate, amount: taxes.total }
  }
}

/** Returns the lines with their prices. Throws a 422 that names each line without an offer. */
function offeredLines({ lines, currency }: NewOrder, offers: Offer[]) {
  const refused: InvalidPlace[] = []
  const offered = lines.flatMap((line, index) => {
    const offer = offers.find(({ productId, sku }) => productId === line.productId && sku === line.sku)
    const refuse = (field: string, detail: string) => {
      refused.push({ pointer: `/body/lines/${index}${field}`, detail })
      return []
    }
    if (!offer) return refuse('/productId', 'The product is not in the shop')
    if (!offer.variant) return refuse('/sku', 'The product has no such variant')
    const { price: unitPrice, taxable, requiresShipping } = offer.variant
    if (!unitPrice) return refuse('', `The variant has no price in ${currency}`)
    // Check the price before any arithmetic, because it may be the largest safe integer.
    if (unitPrice.amount > MOST_TOTAL) return refuse('', 'The price is too high for an order')
    const total = timesMoney(unitPrice, line.quantity)
    return [{ ...line, title: offer.title, unitPrice, total, taxable, requiresShipping }]
  })
  if (refused.length > 0) throw new Problem(422, 'not-offered', 'Some lines can not be ordered', { errors: refused })
  return offered
}

/**
 * Returns the shipping method of an order; undefined if no line needs shipping. Throws a 422 that names each missing field of the delivery
 * if a line needs shipping.
 */
function shippingMethodOf(
  { shippingMethod, deliveryAddress }: Pick<NewOrder, 'shippingMethod' | 'deliveryAddress'>,
  lines: { requiresShipping: boolean }[]
): ShippingMethod | undefined {
  if (!lines.some(({ requiresShipping }) => requiresShipping)) return undefined
  const missing = SHIPPING_FIELDS.filter(field => deliveryAddress[field] === undefined)
  const pointers = missing.map(field => `/body/deliveryAddress/${field}`)
  if (shippingMethod && pointers.length === 0) return shippingMethod
  if (!shippingMethod) pointers.unshift('/body/shippingMethod')
  throw new Problem(422, 'delivery-incomplete', 'Fields of the delivery are missing', {
    errors: pointers.map(pointer => ({ pointer, detail: 'Needed, because a line of the order is shipped' }))
  })
}

const sumOf = (lines: { total: Money }[], currency: string) =>
  lines.map(({ total }) => total).reduce(addMoney, { amount: 0, currency })

const isSame = (one: Money, other: Money) => one.amount === other.amount && one.currency === other.currency

const totalTooHigh = () =>
  new Problem(422, 'too-dear', 'The total is too high for one order', {
    errors: [{ pointer: '/body/lines', detail: `The lines cost more than ${MOST_TOTAL} minor units` }]
  })
