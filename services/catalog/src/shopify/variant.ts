import type { Money } from '@bulkhead/chassis/money'
import { booleanOf, gramsOf, integerOf, priceOf } from './cells.ts'
import { BadCell, type Column, cellOf, type Row } from './columns.ts'

export type ImportedVariant = {
  sku: string
  options: Record<string, string>
  prices: Money[]
  compareAtPrices: Money[]
  weightGrams?: number
  barcode?: string
  requiresShipping: boolean
  taxable: boolean
}

const optionColumns = [
  { name: 'Option1 Name', value: 'Option1 Value' },
  { name: 'Option2 Name', value: 'Option2 Value' },
  { name: 'Option3 Name', value: 'Option3 Value' }
] as const satisfies { name: Column; value: Column }[]

/** The names of a product's options by place, '' where there is none, of its first row. Throws `BadCell` for a repeat. */
export function optionNamesOf(row: Row): string[] {
  const names = optionColumns.map(({ name }) => cellOf(row, name))
  if (names[0] === 'Title' && cellOf(row, 'Option1 Value') === 'Default Title') names[0] = ''
  for (const [place, { name }] of optionColumns.entries())
    if (names[place] && names.indexOf(names[place]) < place) throw new BadCell(name, 'names an option a second time')
  return names
}

/** Whether the row is a variant's; one without a price, a SKU and option values only adds an image. */
export function hasVariant(row: Row): boolean {
  const columns: Column[] = ['Variant Price', 'Variant SKU', ...optionColumns.map(({ value }) => value)]
  return columns.some(column => cellOf(row, column) !== '')
}

/** Reads a row's variant, with '' for a missing SKU, and its quantity. Throws `BadCell`. */
export function readVariant(row: Row, optionNames: string[], readPrice: (text: string) => Money) {
  const price = priceOf(row, 'Variant Price', readPrice)
  if (!price) throw new BadCell('Variant Price', 'is missing')
  const compareAtPrice = priceOf(row, 'Variant Compare At Price', readPrice)
  const weightGrams = gramsOf(row)
  // Shopify's exports put an apostrophe before a barcode so that spreadsheets keep its digits.
  const barcode = cellOf(row, 'Variant Barcode').replace(/^'/, '')
  const variant: ImportedVariant = {
    sku: cellOf(row, 'Variant SKU'),
    options: optionsOf(row, optionNames),
    prices: [price],
    compareAtPrices: compareAtPrice ? [compareAtPrice] : [],
    ...(weightGrams !== undefined && { weightGrams }),
    ...(barcode && { barcode }),
    requiresShipping: booleanOf(row, 'Variant Requires Shipping', true),
    taxable: booleanOf(row, 'Variant Taxable', true)
  }
  return { variant, quantity: integerOf(row, 'Variant Inventory Qty') }
}

function optionsOf(row: Row, names: string[]): Record<string, string> {
  const chosen = optionColumns.flatMap((columns, place) => {
    const name = names[place]
    const value = cellOf(row, columns.value)
    if (name && !value) throw new BadCell(columns.value, `is missing: the product has the option ${name}`)
    if (!name && value && value !== 'Default Title')
      throw new BadCell(columns.name, 'is missing: the option has a value')
    return name ? [[name, value] as const] : []
  })
  return Object.fromEntries(chosen)
}
