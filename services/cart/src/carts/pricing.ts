import { addMoney, timesMoney } from '@bulkhead/chassis/core'
import type { Offer } from '../clients/catalog.ts'
import type { Cart, Line, PricedCart, PricedLine } from './schemas.ts'

/** A cart with the prices of catalog's offers in one currency. Throws an Error for prices that can't be added up. */
export function priced(cart: Cart, offers: Offer[], currency: string): PricedCart {
  const offerByLine = new Map(offers.map(offer => [keyOf(offer), offer]))
  const lines = cart.lines.map(line => pricedLine(line, offerByLine.get(keyOf(line))))
  const totals = lines.flatMap(({ total }) => total ?? [])
  return { ...cart, lines, subtotal: totals.reduce(addMoney, { amount: 0, currency }), complete: true, missing: [] }
}

/** A cart without prices, which says that catalog is missing. */
export const unpriced = (cart: Cart): PricedCart => ({ ...cart, complete: false, missing: ['catalog'] })

/** Product IDs have no blanks. */
const keyOf = ({ productId, sku }: Pick<Line, 'productId' | 'sku'>) => `${productId} ${sku}`

function pricedLine(line: Line, offer: Offer | undefined): PricedLine {
  if (!offer) return { ...line, available: false, reason: 'product-not-offered' }
  const { title, variant } = offer
  if (!variant) return { ...line, available: false, reason: 'variant-not-offered', title }
  const { options, price: unitPrice } = variant
  if (!unitPrice) return { ...line, available: false, reason: 'price-not-offered', title, options }
  return { ...line, available: true, title, options, unitPrice, total: timesMoney(unitPrice, line.quantity) }
}
