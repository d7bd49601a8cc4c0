import { type InvalidPlace, Problem } from '@bulkhead/chassis/core'
import { escapePointer } from '@bulkhead/chassis/http'
import type { Family, FamilyAttribute } from '../families/schemas.ts'
import { PRODUCT_BYTES } from './limits.ts'
import type { NewProduct } from './schemas.ts'

type Variant = NewProduct['variants'][number]

/**
 * Throws a 422 if a product contradicts itself or the attribute types of its family. Also throws a 422 if the product is larger than a
 * request may be; several changes together could make it so large. Pointers start with `/body`.
 */
export function checkConsistency(product: NewProduct, family?: Family) {
  if (Buffer.byteLength(JSON.stringify(product)) > PRODUCT_BYTES)
    throw new Problem(422, 'product-too-large', 'The product would be larger than 4 MiB')
  const errors = [
    ...findRepeated(product.categories, index => `/categories/${index}`, 'Is already in the list'),
    ...findRepeated(product.tags, index => `/tags/${index}`, 'Is already in the list'),
    ...findWrongOptions(product),
    ...product.variants.flatMap((variant, index) => findWrongInVariant(variant, `/variants/${index}`, product)),
    ...findRepeatedVariants(product),
    ...findRepeated(
      product.media.map(({ url }) => url),
      index => `/media/${index}/url`,
      'Is already in the list'
    ),
    ...findWrongAttributes(product.attributes, family)
  ]
  if (errors.length > 0)
    throw inconsistent(errors.map(({ pointer, detail }) => ({ pointer: `/body${pointer}`, detail })))
}

/** Throws a 422 if an attribute does not have the type that the family defines. Pointers are relative to the product. */
export function checkAttributes(attributes: Record<string, string>, family: Family) {
  const errors = findWrongAttributes(attributes, family)
  if (errors.length > 0) throw inconsistent(errors)
}

const inconsistent = (errors: InvalidPlace[]) =>
  new Problem(422, 'inconsistent-product', 'The product contradicts itself or its family', { errors })

const findWrongOptions = ({ options }: NewProduct) => [
  ...findRepeated(
    options.map(({ name }) => name),
    index => `/options/${index}/name`,
    'Names an option again'
  ),
  ...options.flatMap(({ values }, option) =>
    findRepeated(values, index => `/options/${option}/values/${index}`, 'Is already in the list')
  )
]

const findRepeatedVariants = ({ variants, options }: NewProduct) => [
  ...findRepeated(
    variants.map(({ sku }) => sku),
    index => `/variants/${index}/sku`,
    'Another variant has this SKU'
  ),
  ...findRepeated(
    variants.map(variant => valuesOf(variant, options)),
    index => `/variants/${index}`,
    'Has the same options as another'
  )
]

function findWrongInVariant(variant: Variant, pointer: string, { options, media }: NewProduct): InvalidPlace[] {
  const errors = [
    ...findWrongChoices(variant, pointer, options),
    ...findRepeatedCurrencies(variant.prices, `${pointer}/prices`),
    ...findRepeatedCurrencies(variant.compareAtPrices ?? [], `${pointer}/compareAtPrices`)
  ]
  const hasMedia = variant.media === undefined || media.some(({ url }) => url === variant.media)
  if (!hasMedia) errors.push({ pointer: `${pointer}/media`, detail: "Must be the url of one of the product's media" })
  return errors
}

function findWrongChoices(variant: Variant, pointer: string, options: NewProduct['options']): InvalidPlace[] {
  const chosen = new Map(Object.entries(variant.options))
  const names = new Set(options.map(({ name }) => name))
  const unknown = [...chosen.keys()].filter(name => !names.has(name))
  const wrong = unknown.map(name => ({
    pointer: `${pointer}/options/${escapePointer(name)}`,
    detail: 'Is not an option of the product'
  }))
  for (const { name, values } of options) {
    const value = chosen.get(name)
    if (value === undefined) wrong.push({ pointer: `${pointer}/options`, detail: `Must have a value for ${name}` })
    else if (!values.includes(value)) {
      wrong.push({
        pointer: `${pointer}/options/${escapePointer(name)}`,
        detail: "Must be one of the option's values"
      })
    }
  }
  return wrong
}

const findRepeatedCurrencies = (prices: { currency: string }[], pointer: string) =>
  findRepeated(
    prices.map(({ currency }) => currency),
    index => `${pointer}/${index}`,
    'Is another price in this currency'
  )

const valuesOf = (variant: Variant, options: NewProduct['options']) => {
  const chosen = new Map(Object.entries(variant.options))
  return JSON.stringify(options.map(({ name }) => chosen.get(name)))
}

/** Returns the pointers of texts that repeat an earlier text. */
function findRepeated(texts: string[], pointerOf: (index: number) => string, detail: string): InvalidPlace[] {
  const first = new Map<string, number>()
  for (const [index, text] of texts.entries()) if (!first.has(text)) first.set(text, index)
  return texts.flatMap((text, index) => (first.get(text) === index ? [] : [{ pointer: pointerOf(index), detail }]))
}

/** Returns the pointers of attributes with the wrong type. Attributes that the family does not name can be any text. */
function findWrongAttributes(attributes: Record<string, string>, family?: Family): InvalidPlace[] {
  if (!family) return []
  const values = new Map(Object.entries(attributes))
  return family.attributes.flatMap(attribute => {
    const value = values.get(attribute.name)
    const detail = value === undefined ? undefined : findWrongType(value, attribute)
    return detail ? [{ pointer: `/attributes/${escapePointer(attribute.name)}`, detail }] : []
  })
}

/** Describes why a value does not have the attribute's type. Numbers are decimals as in JSON, without an exponent. */
function findWrongType(value: string, attribute: FamilyAttribute): string | undefined {
  switch (attribute.type) {
    case 'text':
      return undefined
    case 'number':
      return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(value) ? undefined : 'Must be a decimal number'
    case 'boolean':
      return value === 'true' || value === 'false' ? undefined : 'Must be true or false'
    case 'choice':
      return attribute.choices.includes(value)
        ? undefined
        : `Must be one of: ${attribute.choices.slice(0, 20).join(', ')}`
  }
}
