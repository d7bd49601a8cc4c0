import { type Money, Problem } from '@bulkhead/chassis/core'
import type { NewProduct } from '../products/schemas.ts'
import type { Column } from '../shopify/columns.ts'
import { generateSku } from '../shopify/sku.ts'
import { type ImportedVariant, optionColumns } from '../shopify/variant.ts'
import type { FileProduct } from './file-product.ts'
import { type ColumnSet, keepFields } from './kept-fields.ts'

type Variant = NewProduct['variants'][number]
type Variants = Pick<NewProduct, 'options' | 'variants'>

/** A variant of the file, and the stored variant that it changes, if any. */
type Pair = { variant: ImportedVariant; old: Variant | undefined }

/**
 * Returns a product's options and variants after an import. A variant of the file changes the stored variant with the same SKU, or else
 * with the same options; it keeps the stored SKU if the file has none. Stored variants that the file does not name are removed, unless rows
 * were refused or the file has no columns of options. Throws a 422 if it is not clear which variant a row means, or if the file has columns
 * for only some of the options.
 */
export function mergeVariants(before: NewProduct, fileProduct: FileProduct): Variants {
  const { product, generatedSkus, columns } = fileProduct
  const pairs = pairVariants(before.variants, product.variants, generatedSkus)
  const hasOptionColumns = columns.has('Option1 Value' satisfies Column)
  if (!hasOptionColumns && before.options.length > 0) return changeBySku(before, pairs, fileProduct)
  checkOptionColumns(before, fileProduct)
  return replaceVariants(before, pairs, fileProduct)
}

/** Changes variants by a price list, which names them only by SKU. Options and all other variants stay. */
function changeBySku(before: NewProduct, pairs: Pair[], { columns, currency }: FileProduct): Variants {
  const changed = pairs.map(({ variant, old }) => {
    if (!old) throw ambiguous('It has options, and the file has neither their columns nor its SKU')
    return [old.sku, mergeVariant(old, { ...variant, options: old.options }, columns, currency)] as const
  })
  const after = new Map(changed)
  return { options: before.options, variants: before.variants.map(variant => after.get(variant.sku) ?? variant) }
}

function checkOptionColumns(before: NewProduct, { product, columns }: FileProduct) {
  const lost = before.options.filter(({ name }) => !product.options.some(option => option.name === name))
  const places = optionColumns.filter(({ value }) => columns.has(value)).length
  if (lost.length > 0 && before.options.length > places) {
    const names = lost.map(({ name }) => name).join(', ')
    throw ambiguous(`It has more options than the file has columns for them: ${names}`)
  }
}

function replaceVariants(before: NewProduct, pairs: Pair[], fileProduct: FileProduct): Variants {
  const { product, isPartial } = fileProduct
  const variants = variantsOfFile(before.variants, pairs, fileProduct)
  const others = isPartial ? othersOf(before.variants, pairs, variants) : []
  if (others.length > 0 && !hasSameOptionNames(before, product))
    throw ambiguous('Rows of it were refused, and its options have other names than before')
  const optionBefore = new Map(before.options.map(option => [option.name, option]))
  const options = product.options.map(({ name, values }) => ({
    ...optionBefore.get(name),
    name,
    values: [...new Set([...values, ...others.map(({ options }) => options[name]!)])]
  }))
  return { options, variants: [...variants, ...others] }
}

function variantsOfFile(
  before: Variant[],
  pairs: Pair[],
  { product, generatedSkus, columns, currency }: FileProduct
): Variant[] {
  // Staff may have renamed an option value since its SKU was generated. That variant keeps the SKU, so no other variant may get the same
  // SKU.
  const kept = new Set(before.map(({ sku }) => sku))
  const taken = new Set([...kept, ...product.variants.map(({ sku }) => sku)])
  return pairs.map(({ variant, old }) => {
    const isGenerated = generatedSkus.has(variant.sku)
    if (old) return mergeVariant(old, isGenerated ? { ...variant, sku: old.sku } : variant, columns, currency)
    if (!isGenerated || !kept.has(variant.sku)) return variant
    return { ...variant, sku: generateSku(product.handle, Object.values(variant.options), taken) }
  })
}

const ambiguous = (detail: string) =>
  new Problem(422, 'ambiguous-variant', 'It is not clear which variant is meant', { detail })

function pairVariants(before: Variant[], variants: ImportedVariant[], generatedSkus: ReadonlySet<string>): Pair[] {
  const bySku = new Map(before.map(old => [old.sku, old]))
  const named = variants.map(variant => ({
    variant,
    old: generatedSkus.has(variant.sku) ? undefined : bySku.get(variant.sku)
  }))
  const changed = new Set(named.map(({ old }) => old))
  const byChoice = new Map(before.filter(old => !changed.has(old)).map(old => [choiceOf(old.options), old]))
  return named.map(({ variant, old }) => ({ variant, old: old ?? byChoice.get(choiceOf(variant.options)) }))
}

const choiceOf = (options: Record<string, string>) => JSON.stringify(Object.entries(options).sort())

const hasSameOptionNames = (one: Pick<NewProduct, 'options'>, other: Pick<NewProduct, 'options'>) =>
  JSON.stringify(one.options.map(({ name }) => name)) === JSON.stringify(other.options.map(({ name }) => name))

/** Returns the stored variants that the file does not name and whose SKU and options differ from those of all variants in the file. */
function othersOf(before: Variant[], pairs: Pair[], variants: Variant[]) {
  const changed = new Set(pairs.map(({ old }) => old))
  const skus = new Set(variants.map(({ sku }) => sku))
  const choices = new Set(variants.map(({ options }) => choiceOf(options)))
  return before.filter(old => !changed.has(old) && !skus.has(old.sku) && !choices.has(choiceOf(old.options)))
}

const columnOfField: Record<string, Column> = {
  compareAtPrices: 'Variant Compare At Price',
  weightGrams: 'Variant Grams',
  barcode: 'Variant Barcode',
  requiresShipping: 'Variant Requires Shipping',
  taxable: 'Variant Taxable',
  media: 'Variant Image'
}

function mergeVariant(old: Variant, variant: ImportedVariant, columns: ColumnSet, currency: string): Variant {
  const { compareAtPrices: compareAt = [], ...fields } = variant
  const compareAtPrices = replacePrice(old.compareAtPrices ?? [], compareAt, currency)
  const after: ImportedVariant = { ...fields, prices: replacePrice(old.prices, variant.prices, currency) }
  if (compareAtPrices.length > 0) after.compareAtPrices = compareAtPrices
  return keepFields(old, after, columnOfField, columns)
}

/** Replaces the price in one currency and keeps its position. Removes the price if there is no new one. */
function replacePrice(before: Money[], [price]: Money[], currency: string): Money[] {
  const after = before.flatMap(old => (old.currency !== currency ? [old] : price ? [price] : []))
  return price && !after.includes(price) ? [...after, price] : after
}
