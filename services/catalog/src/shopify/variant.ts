import type { Money } from '@bulkhead/chassis/core'
import { booleanOf, gramsOf, imageAddressOf, integerOf, priceOf } from './cells.ts'
import type { Column } from './columns.ts'
import { BadCell, cellOf, type Row } from './rows.ts'

export type ImportedVariant = {
  sku: string
  /** A value for each of the product's options, by the option's name. */
  options: Record<string, string>
  prices: Money[]
  compareAtPrices?: Money[]
  weightGrams?: number
  barcode?: string
  requiresShipping: boolean
  taxable: boolean
  /** The `url` of one of the product's media. */
  media?: string
}

/** The columns of a product's options, by place. */
export const optionColumns = [
  { name: 'Option1 Name', value: 'Option1 Value' },
  { name: 'Option2 Name', value: 'Option2 Value' },
  { name: 'Option3 Name', value: 'Option3 Value' }
] as const satisfies { name: Column; value: Column }[]

/** The names of a product's options by place, '' where there is none, of its first row. Throws `BadCell` for a repeat. */
export function optionNamesOf(row: Row): string[] {
  const names = optionColumns.map(({ name }) => cellOf(row, name))
  if (isDefault(names[0]!, cellOf(row, 'Option1 Value'))) names[0] = ''
  for (const [place, { name }] of optionColumns.entries()) {
    if (names[place] && names.indexOf(names[place]) < place) throw new BadCell(name, 'names an option a second time')
    if (names[place] === '__proto__') throw new BadCell(name, 'is no name for an option')
  }
  return names
}

/** How Shopify says that a product has no options. */
const isDefault = (name: string, value: string) =>
  /^(title)?$/i.test(name) && (value.toLowerCase() === 'default title' || (name === '' && value === ''))

/** Whether the row is a variant's; one without a price, a SKU, a barcode, a quantity and option values only adds an image. */
export const hasVariant = (row: Row): boolean => ofVariants.some(column => cellOf(row, column) !== '')

/** Not the yes and no of a variant: exporters fill them in for images, too. */
const ofVariants: Column[] = [
  ...(['Variant Price', 'Variant SKU', 'Variant Barcode', 'Variant Inventory Qty'] as const),
  ...optionColumns.map(({ value }) => value)
]

/** Reads a row's variant, with '' for a missing SKU, and its quantity. Throws `BadCell`. */
export function readVariant(row: Row, optionNames: string[], readPrice: (text: string) => Money) {
  const price = priceOf(row, 'Variant Price', readPrice)
  if (!price) throw new BadCell('Variant Price', 'is missing')
  const compareAtPrice = priceOf(row, 'Variant Compare At Price', readPrice)
  const weightGrams = gramsOf(row)
  const barcode = withoutApostrophe(cellOf(row, 'Variant Barcode'))
  const media = imageAddressOf(row, 'Variant Image')
  const variant: ImportedVariant = {
    sku: withoutApostrophe(cellOf(row, 'Variant SKU')),
    options: optionsOf(row, optionNames),
    prices: [price],
    ...(compareAtPrice && { compareAtPrices: [compareAtPrice] }),
    ...(weightGrams !== undefined && { weightGrams }),
    ...(barcode && { barcode }),
    requiresShipping: booleanOf(row, 'Variant Requires Shipping') ?? true,
    taxable: booleanOf(row, 'Variant Taxable') ?? true,
    ...(media && { media })
  }
  return { variant, quantity: integerOf(row, 'Variant Inventory Qty') }
}

/** Shopify's exports put one before a number so that spreadsheets keep its zeros. */
const withoutApostrophe = (text: string) => text.replace(/^'(?=\d+$)/, '')

function optionsOf(row: Row, names: string[]): Record<string, string> {
  const hasOptions = names.some(Boolean)
  const chosen = optionColumns.flatMap((columns, place) => {
    const name = names[place]!
    const [repeated, value] = [cellOf(row, columns.name), cellOf(row, columns.value)]
    if (!hasOptions && isDefault(repeated, value)) return []
    if (repeated && repeated !== name) throw new BadCell(columns.name, "differs from the product's first row")
    if (name && !value) throw new BadCell(columns.value, `is missing: the product has the option ${name}`)
    if (!name && value) throw new BadCell(columns.name, 'is missing: the option has a value')
    return name ? [[name, value] as const] : []
  })
  return Object.fromEntries(chosen)
}
