import { any, chance } from './choice.ts'
import type { Shopper } from './shopper.ts'

type Variant = { sku: string; prices: { amount: number; currency: string }[] }
type Product = { id: string; variants: Variant[] }

/** A variant with a price in the shop's currency. */
export type Offer = { productId: string; sku: string }

export const CURRENCY = 'EUR'

const CATALOG = '/api/v1/catalog'
const SORTS = ['createdAt', '-createdAt', 'title', '-title']
const PAGE = 12
/** The share of shoppers who choose a category first, and of those who turn to the next page. */
const [BY_CATEGORY, NEXT_PAGE] = [0.5, 0.4]

/** Looks at lists and at up to three products. Resolves with a variant that can be bought; undefined if the shelf is empty. */
export async function browse(shopper: Shopper): Promise<Offer | undefined> {
  const products = await findProducts(shopper)
  let offer: Offer | undefined
  for (let looks = 1 + Math.floor(3 * Math.random()); looks > 0 && products.length > 0; looks--) {
    await shopper.look()
    const { id } = any(products)
    const { body } = await shopper.call('product', [200, 404], 'GET', `${CATALOG}/products/${id}`)
    if (body?.variants) offer = offerOf(body) ?? offer
  }
  return offer
}

async function findProducts({ call, look }: Shopper): Promise<Product[]> {
  let category = ''
  if (chance(BY_CATEGORY)) {
    const { items } = (await call('categories', [200], 'GET', `${CATALOG}/categories?limit=100`)).body
    if (items.length > 0) category = `&category=${any(items as { id: string }[]).id}`
    await look()
  }
  const read = async (filters: string) =>
    (await call('products', [200], 'GET', `${CATALOG}/products?limit=${PAGE}${filters}`)).body
  let filters = `&sort=${any(SORTS)}${category}`
  let page = await read(filters)
  // Only the lowest categories have products.
  if (page.items.length === 0) {
    filters = `&sort=${any(SORTS)}`
    page = await read(filters)
  }
  if (!page.nextCursor || !chance(NEXT_PAGE)) return page.items
  await look()
  return (await read(`${filters}&cursor=${encodeURIComponent(page.nextCursor)}`)).items
}

function offerOf({ id, variants }: Product): Offer | undefined {
  const priced = variants.filter(({ prices }) => prices.some(({ currency }) => currency === CURRENCY))
  return priced.length > 0 ? { productId: id, sku: any(priced).sku } : undefined
}
