import { LONGEST_ADDRESS, LONGEST_ALT, LONGEST_DESCRIPTION, LONGEST_NAME, LONGEST_SEO } from '../products/limits.ts'
import { type FileRecord, UnreadableFile } from './records.ts'

type ColumnRule = {
  /**
   * The kind of text in the column. A `name` may not start like a formula, because a spreadsheet that opens an export would run it. `prose`
   * may start with a dash or a plus, as in lists and temperatures; exports must quote it, because `-2+3` can be a formula. A `value` is
   * checked when it is parsed.
   */
  holds: 'name' | 'prose' | 'value'
  /** Maximum number of characters in a cell. */
  longest: number
  /** The names of the column in newer or even older exports. */
  also?: string[]
}

/**
 * The columns that the reader reads, by their names in Shopify's older exports. In a file, columns can have any order and case, and there
 * can be other columns.
 */
const rules = {
  Handle: { holds: 'name', longest: LONGEST_NAME, also: ['URL handle'] },
  Title: { holds: 'name', longest: LONGEST_NAME },
  'Body (HTML)': { holds: 'prose', longest: LONGEST_DESCRIPTION, also: ['Description', 'Body HTML'] },
  Vendor: { holds: 'name', longest: LONGEST_NAME },
  'Product Category': { holds: 'name', longest: 1000, also: ['Standardized Product Type', 'Standard Product Type'] },
  Type: { holds: 'name', longest: LONGEST_NAME, also: ['Custom Product Type'] },
  Tags: { holds: 'name', longest: 64 * 1024 },
  Published: { holds: 'value', longest: 10, also: ['Published on online store'] },
  Status: { holds: 'value', longest: 10 },
  'Option1 Name': { holds: 'name', longest: LONGEST_NAME },
  'Option1 Value': { holds: 'name', longest: LONGEST_NAME },
  'Option2 Name': { holds: 'name', longest: LONGEST_NAME },
  'Option2 Value': { holds: 'name', longest: LONGEST_NAME },
  'Option3 Name': { holds: 'name', longest: LONGEST_NAME },
  'Option3 Value': { holds: 'name', longest: LONGEST_NAME },
  'Variant SKU': { holds: 'name', longest: LONGEST_NAME, also: ['SKU'] },
  'Variant Grams': { holds: 'value', longest: 20, also: ['Weight value (grams)'] },
  'Variant Inventory Qty': { holds: 'value', longest: 20, also: ['Inventory quantity'] },
  'Variant Price': { holds: 'value', longest: 30, also: ['Price'] },
  'Variant Compare At Price': { holds: 'value', longest: 30, also: ['Compare-at price', 'Compare at price'] },
  'Variant Requires Shipping': { holds: 'value', longest: 10, also: ['Requires shipping'] },
  'Variant Taxable': { holds: 'value', longest: 10, also: ['Charge tax'] },
  'Variant Barcode': { holds: 'name', longest: LONGEST_NAME, also: ['Barcode', 'Barcodes', 'Variant Barcodes'] },
  'Image Src': { holds: 'value', longest: LONGEST_ADDRESS, also: ['Product image URL'] },
  'Image Position': { holds: 'value', longest: 10 },
  'Image Alt Text': { holds: 'prose', longest: LONGEST_ALT },
  'Variant Image': { holds: 'value', longest: LONGEST_ADDRESS, also: ['Variant image URL'] },
  'SEO Title': { holds: 'prose', longest: LONGEST_SEO },
  'SEO Description': { holds: 'prose', longest: LONGEST_SEO }
} as const satisfies Record<string, ColumnRule>

export type Column = keyof typeof rules

/** Returns the rule for the cells of a column. */
export const ruleOf = (column: Column): ColumnRule => rules[column]

/** Shopify's other columns, which are not read: costs for the merchant, stock, taxes and markets are not part of the catalogue. */
const leftOut = [
  /^option[123] linked to$/,
  /^(variant )?(inventory (tracker|policy)|fulfillment service|weight unit|tax code|cost per item)$/,
  /^(weight unit for display|continue selling when out of stock|collection|gift card)$/,
  /^(unit price|packed product) /,
  /^(included|price|compare[ -]at price) \//
]
const MOST_COLUMNS = 1000

export type Columns = {
  names: string[]
  places: Map<string, number>
  attributes: { key: string; place: number }[]
  /** Column names that this reader does not know. These columns are not read. */
  unknown: string[]
}

/**
 * Reads the row of column names. Throws `UnreadableFile` if the file is no CSV in UTF-8, or if Handle, Title or Variant Price is missing.
 * Also throws it if a known column occurs twice, under the same name or two names.
 */
export function readColumns({ line, cells, fault }: FileRecord): Columns {
  if (fault) throw new UnreadableFile(line, `column ${fault.place + 1} ${fault.reason}`)
  const names = cells.map(cell => cell.trim())
  refuseOtherFiles(line, names)
  const places = new Map<string, number>()
  const attributes = new Map<string, number>()
  const unknown: string[] = []
  for (const [place, name] of names.entries()) {
    const column = columnByName.get(name.toLowerCase())
    const key = column ?? attributeKey(name)
    if (key) {
      const known = column ? places : attributes
      if (known.has(key)) throw new UnreadableFile(line, `the column ${column ?? name} comes twice`, name)
      known.set(key, place)
    } else if (name !== '' && !leftOut.some(pattern => pattern.test(name.toLowerCase()))) unknown.push(name)
  }
  for (const column of ['Handle', 'Title', 'Variant Price'])
    if (!places.has(column)) throw new UnreadableFile(line, `the column ${column} is missing`, column)
  for (const [column, before] of [
    ['Option2 Value', 'Option1 Value'],
    ['Option3 Value', 'Option2 Value']
  ] as const)
    if (places.has(column) && !places.has(before))
      throw new UnreadableFile(line, `there is a column ${column} and no column ${before}`, column)
  return { names, places, unknown, attributes: [...attributes].map(([key, place]) => ({ key, place })) }
}

const columnByName = new Map(
  Object.entries(rules).flatMap(([column, rule]: [string, ColumnRule]) =>
    [column, ...(rule.also ?? [])].map(name => [name.toLowerCase(), column] as const)
  )
)

function refuseOtherFiles(line: number, names: string[]) {
  if (names.some(name => name.includes('\0') || name.includes('\ufffd')))
    throw new UnreadableFile(line, 'the file is not text in UTF-8')
  if (names.length === 1 && /[;\t]/.test(names[0]!))
    throw new UnreadableFile(line, 'the columns are not separated by commas', 'Handle')
  if (names.length > MOST_COLUMNS) throw new UnreadableFile(line, `there are more than ${MOST_COLUMNS} columns`)
}

/**
 * Converts a column name to an attribute key: 'Google Shopping / Age Group' becomes google:age-group; 'Fabric
 * (product.metafields.custom.fabric)' becomes custom:fabric.
 */
function attributeKey(name: string): string | undefined {
  const metafield = /\(product\.metafields\.([\w-]+)\.([\w-]+)\)$/.exec(name)
  if (metafield) return `${metafield[1]}:${metafield[2]}`
  const google = /^google shopping \/ (?:google )?(.+)$/i.exec(name)?.[1]?.toLowerCase()
  return google && `google:${(newerGoogleNames.get(google) ?? google).replace(/[^a-z0-9]+/g, '-')}`
}

const newerGoogleNames = new Map([
  ['manufacturer part number (mpn)', 'mpn'],
  ['adwords grouping', 'ad group name'],
  ['adwords labels', 'ads labels']
])
