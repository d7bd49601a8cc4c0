import type { Ask } from '@bulkhead/testing/story'

type Price = { amount: number; currency: string }
type Product = { id: string; variants: { sku: string; prices: Price[] }[] }

export type Offer = { productId: string; sku: string; price: Price }

export const CURRENCY = 'EUR'

/** Returns the first variant in catalog that has a price in euros. */
export async function anyOffer(ask: Ask): Promise<Offer> {
  const { items } = (await ask(200, 'GET', '/api/v1/catalog/products?limit=100')).body
  for (const { id, variants } of items as Product[]) {
    for (const { sku, prices } of variants) {
      const price = prices.find(({ currency }) => currency === CURRENCY)
      if (price) return { productId: id, sku, price }
    }
  }
  throw new Error(`None of the first 100 products has a price in ${CURRENCY}`)
}
