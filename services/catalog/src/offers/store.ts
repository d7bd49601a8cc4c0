import { Problem } from '@bulkhead/chassis/core'
import { BSON } from 'mongodb'
import type { StoredProduct } from '../products/document.ts'
import { PRODUCT_BYTES } from '../products/limits.ts'
import type { Products } from '../products/store.ts'
import type { Offer, OfferQuery } from './schemas.ts'

type OfferedProduct = Pick<StoredProduct, 'title' | 'options' | 'variants'>

/** Maximum bytes of variants and prices that one query may read, as BSON. */
const READ_BYTES = 16 * 1024 * 1024

/** The query reads only these fields, because descriptions and images are large. */
const READ_FIELDS = {
  title: 1,
  'options.name': 1,
  'variants.sku': 1,
  'variants.values': 1,
  'variants.prices': 1,
  'variants.taxable': 1,
  'variants.requiresShipping': 1
}

/**
 * Returns the offers of published products, in the order of the lines. Throws a 422 if the products have too many variants and prices
 * to read.
 */
export async function findOffers({ collection }: Products, { lines, currency }: OfferQuery): Promise<Offer[]> {
  const ids = [...new Set(lines.map(({ productId }) => productId))]
  const offered = collection
    .find({ _id: { $in: ids }, status: 'published' })
    .project<OfferedProduct & { _id: string }>(READ_FIELDS)
  const products = new Map<string, OfferedProduct>()
  // A few products can't exceed the limit together, so the query measures only larger numbers of products.
  const mustMeasure = ids.length * PRODUCT_BYTES > READ_BYTES
  let size = 0
  for await (const product of offered) {
    if (mustMeasure) size += BSON.calculateObjectSize(product)
    if (size > READ_BYTES) throw tooLarge()
    products.set(product._id, product)
  }
  return lines.flatMap(({ productId, sku }) => {
    const product = products.get(productId)
    return product ? [{ productId, sku, ...toOffer(product, sku, currency) }] : []
  })
}

function toOffer({ title, options, variants }: OfferedProduct, sku: string, currency: string) {
  const variant = variants.find(variant => variant.sku === sku)
  if (!variant) return { title }
  const { values, prices, taxable, requiresShipping } = variant
  const chosen = Object.fromEntries(options.map(({ name }, place) => [name, values[place]!]))
  const price = prices.find(price => price.currency === currency)
  return { title, variant: { options: chosen, price, taxable, requiresShipping } }
}

const tooLarge = () =>
  new Problem(422, 'offers-too-large', 'These products are too large to look through at once', {
    errors: [{ pointer: '/body/lines', detail: 'Ask for fewer products: they have too many variants and prices' }]
  })
