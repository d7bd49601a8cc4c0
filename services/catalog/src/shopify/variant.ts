import type { Money } from '@bulkhead/chassis/core'
import { filledFields, readBoolean, readGrams, readImageAddress, readInteger, readPrice } from './cells.ts'
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

/** The columns of a product's options, by position. */
export const optionColumns = [
  { name: 'Option1 Name', value: 'Option1 Value' },
  { name: 'Option2 Name', value: 'Option2 Value' },
  { name: 'Option3 Name', value: 'Option3 Value' }
] as const satisfies { name: Column; value: Column }[]

/** Reads the names of a product's options from its first row, with '' for an unused position. Throws `BadCell` for a repeated name. */
export function readOptionNames(row: Row): string[] {
  const names = optionColumns.map(({ name }) => cellOf(row, name))
  if (isDefault(names[0]!, cellOf(row, 'Option1 Value'))) names[0] = ''
  for (const [place, { name }] of optionColumns.entries()) {
    if (names[place] && names.indexOf(names[place]) < place) throw new BadCell(name, 'names an option a second time')
    if (names[place] === '__proto__') throw new BadCell(name, 'is not allowed as the name of an option')
  }
  return names
}

/** Returns true for the option that Shopify writes for a product without options. */
const isDefault = (name: string, value: string) =>
  /^(title)?$/i.test(name) && (value.toLowerCase() === 'default title' || (name === '' && value === ''))

/** Returns true if the row has a variant. A row without a variant only adds an image. */
export const hasVariant = (row: Row): boolean => variantColumns.some(column => cellOf(row, column) !== '')

/**
 * The columns that show that a row has a variant. Columns of TRUE and FALSE are not among them, because exporters fill them in for images,
 * too.
 */
const variantColumns: Column[] = [
  'Variant Price',
  'Variant SKU',
  'Variant Barcode',
  'Variant Inventory Qty',
  ...optionColumns.map(({ value }) => value)
]

/** Reads the variant of a row and its quantity. A missing SKU becomes ''. Throws `BadCell`. */
export function readVariant(row: Row, optionNames: string[], parsePrice: (text: string) => Money) {
  const price = readPrice(row, 'Variant Price', parsePrice)
  if (!price) throw new BadCell('Variant Price', 'is missing')
  const compareAtPrice = readPrice(row, 'Variant Compare At Price', parsePrice)
  const optionalFields = {
    compareAtPrices: compareAtPrice && [compareAtPrice],
    weightGrams: readGrams(row),
    barcode: withoutApostrophe(cellOf(row, 'Variant Barcode')),
    media: readImageAddress(row, 'Variant Image')
  }
  const variant: ImportedVariant = {
    ...filledFields(optionalFields),
    sku: withoutApostrophe(cellOf(row, 'Variant SKU')),
    options: readOptions(row, optionNames),
    prices: [price],
    requiresShipping: readBoolean(row, 'Variant Requires Shipping') ?? true,
    taxable: readBoolean(row, 'Variant Taxable') ?? true
  }
  return { variant, quantity: readInteger(row, 'Variant Inventory Qty') }
}

/** Removes the apostrophe that Shopify's exports put before a number so that spreadsheets keep its zeros. */
const withoutApostrophe = (text: string) => text.replace(/^'(?=\d+$)/, '')

function readOptions(row: Row, names: string[]): Record<string, string> {
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
