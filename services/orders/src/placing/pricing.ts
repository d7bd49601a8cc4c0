import {
  addMoney,
  conflict,
  type InvalidPlace,
  invalidInput,
  type Money,
  Problem,
  timesMoney
} from '@bulkhead/chassis/core'
import type { Offer } from '../clients/needs.ts'
import { MOST_TOTAL } from '../orders/limits.ts'
import type { NewOrder, Order } from '../orders/schemas.ts'
import { shippingPrice } from './rates.ts'
import { shippingMethodOf } from './shipping.ts'
import { taxesIn } from './tax.ts'

type Priced = Pick<Order, 'lines' | 'subtotal' | 'shipping' | 'total' | 'tax'>

/** Throws a 400 for lines that name a SKU twice: stock and price are by SKU. */
export function checkLines({ lines }: NewOrder) {
  const twice = lines.flatMap(({ sku }, place) =>
    lines.findIndex(line => line.sku === sku) < place
      ? [{ pointer: `/body/lines/${place}/sku`, detail: 'It is in another line already' }]
      : []
  )
  if (twice.length > 0) throw invalidInput(twice)
}

/**
 * What an order costs by catalog's offers. Throws a 422 that names each line that is not offered, each field that is missing for shipping,
 * or that all lines together are too dear, and a 409 if the buyer was shown another total.
 */
export function priced(asked: NewOrder, offers: Offer[]): Priced {
  const { currency, expectedTotal } = asked
  const country = asked.deliveryAddress.country
  const offered = offeredLines(asked, offers)
  const method = shippingMethodOf(asked, offered)
  const shipped = offered.filter(({ requiresShipping }) => requiresShipping)
  const nothing: Money = { amount: 0, currency }
  const price = method ? shippingPrice(country, method, sumOf(shipped, currency)) : nothing
  const subtotal = sumOf(offered, currency)
  const total = addMoney(subtotal, price)
  if (total.amount > MOST_TOTAL) throw tooDear()
  if (expectedTotal && !isSame(expectedTotal, total)) {
    const detail = `It is ${total.amount} in minor units of ${total.currency}`
    throw conflict('total-changed', 'The total has changed', detail)
  }
  const taxes = taxesIn(country, offered, price)
  return {
    lines: offered.map((line, place) => ({ ...line, tax: taxes.lines[place]! })),
    subtotal,
    ...(method && { shipping: { method, price, tax: taxes.shipping } }),
    total,
    tax: { rate: taxes.rate, amount: taxes.total }
  }
}

/** The lines with their prices. Throws a 422 that names each line that is not offered. */
function offeredLines({ lines, currency }: NewOrder, offers: Offer[]) {
  const refused: InvalidPlace[] = []
  const offered = lines.flatMap((line, place) => {
    const offer = offers.find(({ productId, sku }) => productId === line.productId && sku === line.sku)
    const refuse = (field: string, detail: string) => {
      refused.push({ pointer: `/body/lines/${place}${field}`, detail })
      return []
    }
    if (!offer) return refuse('/productId', 'It is not in the shop')
    if (!offer.variant) return refuse('/sku', 'It is none of its variants')
    const { price: unitPrice, taxable, requiresShipping } = offer.variant
    if (!unitPrice) return refuse('', `It has no price in ${currency}`)
    // Checked before any sum: a price may be the largest number there is.
    if (unitPrice.amount > MOST_TOTAL) return refuse('', 'It costs too much for an order')
    const total = timesMoney(unitPrice, line.quantity)
    return [{ ...line, title: offer.title, unitPrice, total, taxable, requiresShipping }]
  })
  if (refused.length > 0) throw new Problem(422, 'not-offered', 'Not all of it can be ordered', { errors: refused })
  return offered
}

const sumOf = (lines: { total: Money }[], currency: string) =>
  lines.map(({ total }) => total).reduce(addMoney, { amount: 0, currency })

const isSame = (one: Money, other: Money) => one.amount === other.amount && one.currency === other.currency

const tooDear = () =>
  new Problem(422, 'too-dear', 'All of it is too dear for one order', {
    errors: [{ pointer: '/body/lines', detail: `They cost more than ${MOST_TOTAL} minor units` }]
  })
