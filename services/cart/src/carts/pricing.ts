import { addMoney, timesMoney } from '@bulkhead/chassis/core'
import type { Offer } from '../clients/catalog.ts'
import type { Cart, Line, PricedCart, PricedLine } from './schemas.ts'

/** Prices a cart by the offers of its lines, all in one currency. Throws an error if the prices are too large to add up. */
export function priced(cart: Cart, offers: Offer[], currency: string): PricedCart {
  const offerByLine = new Map(offers.map(offer => [keyOf(offer), offer]))
  const lines = cart.lines.map(line => pricedLine(line, offerByLine.get(keyOf(line))))
  const totals = lines.flatMap(({ total }) => total ?? [])
  return { ...cart, lines, subtotal: totals.reduce(addMoney, { amount: 0, currency }), complete: true, missing: [] }
}

/** Returns the cart without prices, marked as incomplete because catalog is missing. */
export const unpriced = (cart: Cart): PricedCart => ({ ...cart, complete: false, missing: ['catalog'] })

/** Returns a key that is unique for each line, because product IDs contain no spaces. */
const keyOf = ({ productId, sku }: Pick<Line, 'productId' | 'sku'>) => `${productId} ${sku}`

function pricedLine(line: Line, offer: Offer | undefined): PricedLine {
  if (!offer) return { ...line, available: false, reason: 'product-not-offered' }
  const { title, variant } = offer
  if (!variant) return { ...line, available: false, reason: 'variant-not-offered', title }
  const { options, price: unitPrice } = variant
  if (!unitPrice) return { ...line, available: false, reason: 'price-not-offered', title, options }
  return { ...line, available: true, title, options, unitPrice, total: timesMoney(unitPrice, line.quantity) }
}
