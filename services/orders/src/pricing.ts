import { addMoney, type Money, timesMoney } from '@bulkhead/chassis/money'
import { conflict, type InvalidPlace, invalidInput, Problem } from '@bulkhead/chassis/problem'
import { MOST_TOTAL } from './limits.ts'
import type { Offer } from './needs.ts'
import { shippingPrice, taxIn } from './rules.ts'
import type { NewOrder, Order } from './schemas.ts'

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
 * What an order costs by catalog's prices of now. Throws a 422 that names each line that is not offered so, or that all of them
 * are too dear, and a 409 where the buyer was shown another total.
 */
export function priced(asked: NewOrder, offers: Offer[]): Priced {
  const { currency, deliveryAddress, shippingMethod, expectedTotal } = asked
  const refused: InvalidPlace[] = []
  const lines = asked.lines.flatMap((line, place) => {
    const offer = offers.find(({ id }) => id === line.productId)
    const variant = offer?.variants.find(({ sku }) => sku === line.sku)
    const unitPrice = variant?.prices.find(price => price.currency === currency)
    // Before anything is reckoned with it: a price may be the largest number there is.
    const isTooDear = unitPrice !== undefined && unitPrice.amount > MOST_TOTAL
    if (offer && unitPrice && !isTooDear)
      return { ...line, title: offer.title, unitPrice, total: timesMoney(unitPrice, line.quantity) }
    const [field, what] = variant
      ? ['', isTooDear ? 'costs too much for an order' : `has no price in ${currency}`]
      : offer
        ? ['/sku', 'is none of its variants']
        : ['/productId', 'is not in the shop']
    refused.push({ pointer: `/body/lines/${place}${field}`, detail: `It ${what}` })
    return []
  })
  if (refused.length > 0) throw new Problem(422, 'not-offered', 'Not all of it can be ordered', { errors: refused })
  const subtotal = lines.map(({ total }) => total).reduce(addMoney)
  const price = shippingPrice(deliveryAddress.country, shippingMethod, subtotal)
  const total = addMoney(subtotal, price)
  if (total.amount > MOST_TOTAL) throw tooDear()
  if (expectedTotal && !isSame(expectedTotal, total)) {
    const detail = `It is ${total.amount} in minor units of ${total.currency}`
    throw conflict('total-changed', 'The total is another one now', detail)
  }
  const shipping = { method: shippingMethod, price }
  return { lines, subtotal, shipping, total, tax: taxIn(deliveryAddress.country, total) }
}

const isSame = (one: Money, other: Money) => one.amount === other.amount && one.currency === other.currency

const tooDear = () =>
  new Problem(422, 'too-dear', 'All of it is too dear for one order', {
    errors: [{ pointer: '/body/lines', detail: `They cost more than ${MOST_TOTAL} minor units` }]
  })
