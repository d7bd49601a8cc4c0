import { addMoney, timesMoney } from '@bulkhead/chassis/money'
import type { Offer } from './needs.ts'
import type { Cart, Line, PricedCart, PricedLine } from './schemas.ts'

/** A cart with what catalog offers of it, in one currency. Throws an Error for prices that can't be added up. */
export function priced(cart: Cart, offers: Offer[], currency: string): PricedCart {
  const byId = new Map(offers.map(offer => [offer.id, offer]))
  const lines = cart.lines.map(line => pricedLine(line, byId.get(line.productId), currency))
  const totals = lines.flatMap(({ total }) => total ?? [])
  return { ...cart, lines, subtotal: totals.reduce(addMoney, { amount: 0, currency }), complete: true, missing: [] }
}

/** A cart of which catalog says nothing. */
export const unpriced = (cart: Cart): PricedCart => ({ ...cart, complete: false, missing: ['catalog'] })

function pricedLine(line: Line, offer: Offer | undefined, currency: string): PricedLine {
  if (!offer) return { ...line, available: false, reason: 'product-not-offered' }
  const { title } = offer
  const variant = offer.variants.find(({ sku }) => sku === line.sku)
  if (!variant) return { ...line, available: false, reason: 'variant-not-offered', title }
  const { options } = variant
  const unitPrice = variant.prices.find(price => price.currency === currency)
  if (!unitPrice) return { ...line, available: false, reason: 'price-not-offered', title, options }
  return { ...line, available: true, title, options, unitPrice, total: timesMoney(unitPrice, line.quantity) }
}
