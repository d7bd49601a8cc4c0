import type { Money } from '@bulkhead/chassis/money'
import { Problem } from '@bulkhead/chassis/problem'
import type { NewProduct } from '../products/schemas.ts'
import type { Column } from '../shopify/columns.ts'
import type { ImportedVariant } from '../shopify/variant.ts'
import { withKept } from './kept-fields.ts'
import type { Imported } from './merge.ts'

type Variant = NewProduct['variants'][number]

/**
 * A product's options and variants after an import. The file's variants are those of the product; others go, unless rows
 * were refused or the file has no options. They are found again by SKU, or by their options where the file has no SKUs.
 */
export function mergedVariants(before: NewProduct, { product, isPartial, columns, currency }: Imported) {
  const has = (column: Column) => columns.has(column)
  const known = new Map(before.variants.map(variant => [keyOf(variant, has('Variant SKU')), variant]))
  const pairs = product.variants.map(variant => ({ variant, old: known.get(keyOf(variant, has('Variant SKU'))) }))

  if (!has('Option1 Value') && before.options.length > 0) {
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

  const variants = pairs.map(({ variant, old }) => (old ? mergedVariant(old, variant, columns, currency) : variant))
  const others = isPartial && sameNames(before, product) ? othersOf(before.variants, variants) : []
  const options = product.options.map(({ name, values }) => ({
    name,
    values: [...new Set([...values, ...others.map(({ options }) => options[name]!)])]
  }))
  return { options, variants: [...variants, ...others] }
}

const refused = (detail: string) =>
  new Problem(422, 'ambiguous-variant', 'It is not clear which variant is meant', { detail })

const keyOf = ({ sku, options }: Pick<Variant, 'sku' | 'options'>, bySku: boolean) => (bySku ? sku : choiceOf(options))

const choiceOf = (options: Record<string, string>) => JSON.stringify(Object.entries(options).sort())

const sameNames = (one: Pick<NewProduct, 'options'>, other: Pick<NewProduct, 'options'>) =>
  JSON.stringify(one.options.map(({ name }) => name)) === JSON.stringify(other.options.map(({ name }) => name))

/** Those of `before` that don't collide with `variants`. */
function othersOf(before: Variant[], variants: Variant[]) {
  const skus = new Set(variants.map(({ sku }) => sku))
  const choices = new Set(variants.map(({ options }) => choiceOf(options)))
  return before.filter(({ sku, options }) => !skus.has(sku) && !choices.has(choiceOf(options)))
}

const columnOfField: Record<string, Column> = {
  sku: 'Variant SKU',
  compareAtPrices: 'Variant Compare At Price',
  weightGrams: 'Variant Grams',
  barcode: 'Variant Barcode',
  requiresShipping: 'Variant Requires Shipping',
  taxable: 'Variant Taxable',
  media: 'Variant Image'
}

function mergedVariant(
  old: Variant,
  variant: ImportedVariant,
  columns: ReadonlySet<string>,
  currency: string
): Variant {
  const { compareAtPrices, ...fields } = variant
  const compared = pricesWith(old.compareAtPrices ?? [], compareAtPrices ?? [], currency)
  const after = {
    ...fields,
    prices: pricesWith(old.prices, variant.prices, currency),
    ...(compared.length > 0 && { compareAtPrices: compared })
  }
  return withKept(after, old, columnOfField, columns)
}

/** Prices with that of one currency replaced, in its place, or taken away. */
function pricesWith(before: Money[], [price]: Money[], currency: string): Money[] {
  const after = before.flatMap(old => (old.currency !== currency ? [old] : price ? [price] : []))
  return price && !after.includes(price) ? [...after, price] : after
}
