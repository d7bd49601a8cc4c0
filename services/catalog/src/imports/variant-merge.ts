import { type Money, Problem } from '@bulkhead/chassis/core'
import type { NewProduct } from '../products/schemas.ts'
import type { Column } from '../shopify/columns.ts'
import { madeSku } from '../shopify/sku.ts'
import { type ImportedVariant, optionColumns } from '../shopify/variant.ts'
import type { FileProduct } from './file-product.ts'
import { type ColumnSet, withKept } from './kept-fields.ts'

type Variant = NewProduct['variants'][number]

/**
 * A product's options and variants after an import. A variant of the file is the one before with its SKU, or else with its
 * options, and keeps the SKU of that one where the file has none. Variants that the file does not name are removed, unless rows
 * were refused or the file has no columns of options. Throws a 422 where it is not clear which variant is meant, as where the file has
 * columns for some of the options only.
 */
export function mergedVariants(before: NewProduct, { product, madeSkus, isPartial, columns, currency }: FileProduct) {
  const pairs = pairsOf(before.variants, product.variants, madeSkus)

  if (!columns.has('Option1 Value' satisfies Column) && before.options.length > 0) {
    if (pairs.some(({ old }) => !old))
      throw refused('It has options, and the file has neither their columns nor its SKU')
    const after = new Map(
      pairs.map(({ variant, old }) => [
        old!.sku,
        mergedVariant(old!, { ...variant, options: old!.options }, columns, currency)
      ])
    )
    return { options: before.options, variants: before.variants.map(variant => after.get(variant.sku) ?? variant) }
  }

  const lost = before.options.filter(({ name }) => !product.options.some(option => option.name === name))
  const places = optionColumns.filter(({ value }) => columns.has(value)).length
  if (lost.length > 0 && before.options.length > places)
    throw refused(`It has more options than the file has columns for them: ${lost.map(({ name }) => name).join(', ')}`)

  // A value may have been renamed since: the SKU made of it is kept, and is not for another variant.
  const kept = new Set(before.variants.map(({ sku }) => sku))
  const taken = new Set([...kept, ...product.variants.map(({ sku }) => sku)])
  const variants = pairs.map(({ variant, old }) => {
    const isMade = madeSkus.has(variant.sku)
    if (old) return mergedVariant(old, isMade ? { ...variant, sku: old.sku } : variant, columns, currency)
    const isTaken = isMade && kept.has(variant.sku)
    return isTaken ? { ...variant, sku: madeSku(product.handle, Object.values(variant.options), taken) } : variant
  })
  const others = isPartial ? othersOf(before.variants, pairs, variants) : []
  if (others.length > 0 && !sameNames(before, product))
    throw refused('Rows of it were refused, and its options have other names than before')
  const optionBefore = new Map(before.options.map(option => [option.name, option]))
  const options = product.options.map(({ name, values }) => ({
    ...optionBefore.get(name),
    name,
    values: [...new Set([...values, ...others.map(({ options }) => options[name]!)])]
  }))
  return { options, variants: [...variants, ...others] }
}

const refused = (detail: string) =>
  new Problem(422, 'ambiguous-variant', 'It is not clear which variant is meant', { detail })

type Pair = { variant: ImportedVariant; old: Variant | undefined }

/** The file's variants with those before that they are. */
function pairsOf(before: Variant[], variants: ImportedVariant[], madeSkus: ReadonlySet<string>): Pair[] {
  const bySku = new Map(before.map(old => [old.sku, old]))
  const named = variants.map(variant => ({
    variant,
    old: madeSkus.has(variant.sku) ? undefined : bySku.get(variant.sku)
  }))
  const found = new Set(named.map(({ old }) => old))
  const byChoice = new Map(before.filter(old => !found.has(old)).map(old => [choiceOf(old.options), old]))
  return named.map(({ variant, old }) => ({ variant, old: old ?? byChoice.get(choiceOf(variant.options)) }))
}

const choiceOf = (options: Record<string, string>) => JSON.stringify(Object.entries(options).sort())

const sameNames = (one: Pick<NewProduct, 'options'>, other: Pick<NewProduct, 'options'>) =>
  JSON.stringify(one.options.map(({ name }) => name)) === JSON.stringify(other.options.map(({ name }) => name))

/** Those of `before` that the file does not name, and that don't collide with what it makes of the others. */
function othersOf(before: Variant[], pairs: Pair[], variants: Variant[]) {
  const found = new Set(pairs.map(({ old }) => old))
  const skus = new Set(variants.map(({ sku }) => sku))
  const choices = new Set(variants.map(({ options }) => choiceOf(options)))
  return before.filter(old => !found.has(old) && !skus.has(old.sku) && !choices.has(choiceOf(old.options)))
}

const columnOfField: Record<string, Column> = {
  compareAtPrices: 'Variant Compare At Price',
  weightGrams: 'Variant Grams',
  barcode: 'Variant Barcode',
  requiresShipping: 'Variant Requires Shipping',
  taxable: 'Variant Taxable',
  media: 'Variant Image'
}

function mergedVariant(old: Variant, variant: ImportedVariant, columns: ColumnSet, currency: string): Variant {
  const { compareAtPrices, ...fields } = variant
  const compared = pricesWith(old.compareAtPrices ?? [], compareAtPrices ?? [], currency)
  const after = {
    ...fields,
    prices: pricesWith(old.prices, variant.prices, currency),
    ...(compared.length > 0 && { compareAtPrices: compared })
  }
  return withKept(old, after, columnOfField, columns)
}

/** Prices with that of one currency replaced, in its place, or taken away. */
function pricesWith(before: Money[], [price]: Money[], currency: string): Money[] {
  const after = before.flatMap(old => (old.currency !== currency ? [old] : price ? [price] : []))
  return price && !after.includes(price) ? [...after, price] : after
}
