import { type InvalidPlace, Problem } from '@bulkhead/chassis/core'
import { escapePointer } from '@bulkhead/chassis/http'
import type { Family, FamilyAttribute } from '../families/schemas.ts'
import { PRODUCT_BYTES } from './limits.ts'
import type { NewProduct } from './schemas.ts'

/**
 * Throws a 422 where a product is larger than may be sent at once, as several changes could make it, or one that names each place of its
 * editable fields that contradicts another, or its family's types of attributes. Pointers are below `/body`.
 */
export function checkConsistency(product: NewProduct, family?: Family) {
  if (Buffer.byteLength(JSON.stringify(product)) > PRODUCT_BYTES)
    throw new Problem(422, 'product-too-large', 'The product would be larger than 4 MiB')
  const errors = [
    ...(['categories', 'tags'] as const).flatMap(list =>
      repeats(product[list]).map(at => place(`/${list}/${at}`, 'Is there already'))
    ),
    ...repeats(product.options.map(({ name }) => name)).map(at =>
      place(`/options/${at}/name`, 'Names an option again')
    ),
    ...product.options.flatMap(({ values }, option) =>
      repeats(values).map(at => place(`/options/${option}/values/${at}`, 'Is there already'))
    ),
    ...product.variants.flatMap((variant, at) => wrongIn(variant, `/variants/${at}`, product)),
    ...repeats(product.variants.map(({ sku }) => sku)).map(at => place(`/variants/${at}/sku`, 'Is of another variant')),
    ...repeats(product.variants.map(valuesOf(product))).map(at =>
      place(`/variants/${at}`, 'Has the same options as another')
    ),
    ...repeats(product.media.map(({ url }) => url)).map(at => place(`/media/${at}/url`, 'Is there already')),
    ...(family ? wrongAttributes(product.attributes, family).map(({ pointer, detail }) => place(pointer, detail)) : [])
  ]
  if (errors.length > 0) throw inconsistent(errors)
}

/** Throws a 422 that names each attribute that is not of the type that the family says. Pointers are into the product. */
export function checkAttributes(attributes: Record<string, string>, family: Family) {
  const errors = wrongAttributes(attributes, family)
  if (errors.length > 0) throw inconsistent(errors)
}

const inconsistent = (errors: InvalidPlace[]) =>
  new Problem(422, 'inconsistent-product', 'The product contradicts itself or its family', { errors })

const place = (pointer: string, detail: string): InvalidPlace => ({ pointer: `/body${pointer}`, detail })

function wrongIn(variant: NewProduct['variants'][number], at: string, { options, media }: NewProduct): InvalidPlace[] {
  const chosen = new Map(Object.entries(variant.options))
  const names = new Set(options.map(({ name }) => name))
  const wrong = [...chosen.keys()]
    .filter(name => !names.has(name))
    .map(name => place(`${at}/options/${escapePointer(name)}`, 'Is no option of the product'))
  for (const { name, values } of options) {
    const value = chosen.get(name)
    if (value === undefined) wrong.push(place(`${at}/options`, `Must have a value for ${name}`))
    else if (!values.includes(value)) {
      wrong.push(place(`${at}/options/${escapePointer(name)}`, "Must be one of the option's values"))
    }
  }
  for (const list of ['prices', 'compareAtPrices'] as const) {
    const currencies = variant[list]?.map(({ currency }) => currency) ?? []
    wrong.push(
      ...repeats(currencies).map(price => place(`${at}/${list}/${price}`, 'Is another price in this currency'))
    )
  }
  if (variant.media !== undefined && !media.some(({ url }) => url === variant.media)) {
    wrong.push(place(`${at}/media`, "Must be the url of one of the product's media"))
  }
  return wrong
}

const valuesOf =
  ({ options }: NewProduct) =>
  (variant: NewProduct['variants'][number]) =>
    JSON.stringify(options.map(({ name }) => new Map(Object.entries(variant.options)).get(name)))

/** The places of those that were there before. */
function repeats(texts: string[]): number[] {
  const first = new Map<string, number>()
  for (const [at, text] of texts.entries()) if (!first.has(text)) first.set(text, at)
  return texts.flatMap((text, at) => (first.get(text) === at ? [] : [at]))
}

/**
 * Where a product's attributes are not of the type that its family says, by pointers into the product. Attributes that the
 * family does not name are free text.
 */
function wrongAttributes(attributes: Record<string, string>, family: Family): InvalidPlace[] {
  const values = new Map(Object.entries(attributes))
  return family.attributes.flatMap(attribute => {
    const value = values.get(attribute.name)
    const wrong = value === undefined ? undefined : wrongValue(value, attribute)
    return wrong ? [{ pointer: `/attributes/${escapePointer(attribute.name)}`, detail: wrong }] : []
  })
}

/** Numbers are decimals as JSON has them, without exponent. */
function wrongValue(value: string, attribute: FamilyAttribute): string | undefined {
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
