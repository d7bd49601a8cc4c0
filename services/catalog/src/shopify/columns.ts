import { type FileRecord, UnreadableFile } from './records.ts'

/** A cell that can't be taken; `column` is its name in the file. */
export class BadCell extends Error {
  readonly column: string

  constructor(column: string, reason: string) {
    super(reason)
    this.column = column
  }
}

/** The columns that are read, and the most characters of each. A file may have them in any order and have others. */
const longest = {
  Handle: 255,
  Title: 255,
  'Body (HTML)': 512 * 1024,
  Vendor: 255,
  Type: 255,
  Tags: 64 * 1024,
  Published: 10,
  Status: 10,
  'Option1 Name': 255,
  'Option1 Value': 255,
  'Option2 Name': 255,
  'Option2 Value': 255,
  'Option3 Name': 255,
  'Option3 Value': 255,
  'Variant SKU': 255,
  'Variant Grams': 20,
  'Variant Inventory Qty': 20,
  'Variant Price': 30,
  'Variant Compare At Price': 30,
  'Variant Requires Shipping': 10,
  'Variant Taxable': 10,
  'Variant Barcode': 255,
  'Image Src': 2048,
  'Image Position': 10,
  'Image Alt Text': 512
}
const LONGEST_ATTRIBUTE = 5000
// A spreadsheet that later opens an export of these cells would run them.
const runAsFormula = new Set<Column>(['Handle', 'Title', 'Vendor', 'Type', 'Tags', 'Variant SKU'])

export type Column = keyof typeof longest
export type Columns = { names: string[]; places: Map<string, number>; attributes: { key: string; place: number }[] }
/** One row with its cells decoded; `line` is where it starts in the file, from 1. */
export type Row = { line: number; cells: string[]; columns: Columns }

/** Reads the row of column names. Throws `UnreadableFile` when Handle or Title is missing or a known one comes twice. */
export function readColumns({ line, cells }: FileRecord): Columns {
  const names = cells.map((cell, place) => {
    const name = decoded(cell)?.trim()
    if (name === undefined) throw new UnreadableFile(line, 'the name is not UTF-8', `column ${place + 1}`)
    return name
  })
  const places = new Map<string, number>()
  for (const column of Object.keys(longest)) {
    const found = names.flatMap((name, place) => (name.toLowerCase() === column.toLowerCase() ? [place] : []))
    if (found.length > 1) throw new UnreadableFile(line, `the column ${column} comes twice`, column)
    if (found[0] !== undefined) places.set(column, found[0])
  }
  for (const column of ['Handle', 'Title'])
    if (!places.has(column)) throw new UnreadableFile(line, `the column ${column} is missing`, column)
  const attributes = names.flatMap((name, place) => {
    const key = attributeKey(name)
    return key ? [{ key, place }] : []
  })
  return { names, places, attributes }
}

/** Decodes a row. Throws `BadCell` for a wrong number of cells and for a cell that is not UTF-8. */
export function readRow(columns: Columns, { line, cells }: FileRecord): Row {
  const { names } = columns
  if (cells.length !== names.length)
    throw new BadCell(
      names[cells.length] ?? `column ${names.length + 1}`,
      `the row has ${cells.length} cells, not ${names.length}`
    )
  const texts = cells.map((cell, place) => {
    const text = decoded(cell)
    if (text === undefined) throw new BadCell(names[place]!, 'is not UTF-8')
    return text
  })
  return { line, cells: texts, columns }
}

/** A cell without outer white space; '' for a column the file lacks. Throws `BadCell` if it is too long or a formula. */
export function cellOf(row: Row, column: Column): string {
  const text = row.cells[row.columns.places.get(column) ?? -1]?.trim() ?? ''
  if (text.length > longest[column]) throw new BadCell(column, `is longer than ${longest[column]} characters`)
  if (runAsFormula.has(column) && /^[=+\-@]/.test(text)) throw new BadCell(column, 'starts like a formula')
  return text
}

/** The search-engine, Google Shopping and metafield cells that are not empty. Throws `BadCell` for one too long. */
export function attributesOf({ cells, columns }: Row): Record<string, string> {
  const filled = columns.attributes.map(({ key, place }) => {
    const text = cells[place]!.trim()
    if (text.length <= LONGEST_ATTRIBUTE) return [key, text] as const
    throw new BadCell(columns.names[place]!, `is longer than ${LONGEST_ATTRIBUTE} characters`)
  })
  return Object.fromEntries(filled.filter(([, text]) => text !== ''))
}

/** 'SEO Title' is seo-title, 'Google Shopping / Age Group' google-shopping-age-group, a metafield its namespace.key. */
function attributeKey(name: string): string | undefined {
  const metafield = /\(product\.metafields\.([\w-]+\.[\w-]+)\)$/.exec(name)
  if (metafield) return metafield[1]
  if (/^(SEO |Google Shopping \/)/i.test(name)) return name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decoded(cell: string): string | undefined {
  try {
    return utf8.decode(Buffer.from(cell, 'latin1'))
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
