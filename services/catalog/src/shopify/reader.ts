import type { Money } from '@bulkhead/chassis/core'
import { readHandle } from './cells.ts'
import { type Columns, readColumns } from './columns.ts'
import { priceParser } from './price.ts'
import { addRow, type Draft, finishProduct, type ImportedProduct, startProduct } from './product.ts'
import { type FileRecord, readRecords, UnreadableFile } from './records.ts'
import { BadCell, isEmpty, type Row, readRow } from './rows.ts'
import { MOST_HANDLES, seenHandles } from './seen-handles.ts'

/** An entry of a file. `line` is the line of its first row, counted from 1. */
export type ShopifyEntry = ColumnsEntry | ProductEntry | ProblemEntry

/** The first entry of every file. */
type ColumnsEntry = {
  kind: 'columns'
  line: number
  /** The name in the file of each column that is read. The key is its `Column`, or the key of its attribute. */
  known: ReadonlyMap<string, string>
  unknown: string[]
}

type ProductEntry = {
  kind: 'product'
  line: number
  /** The number of rows in the file that belong to the entry. Rows without any text belong to no entry. */
  rows: number
  product: ImportedProduct
  stock: { sku: string; quantity: number }[]
  /** The SKUs that the reader generated because the file has none. */
  generatedSkus: ReadonlySet<string>
  /** True if rows of the product were refused, or if a row without a readable Handle may be a row of the product. */
  isPartial: boolean
}

/** A refused row or product. */
type ProblemEntry = {
  kind: 'problem'
  line: number
  rows: number
  column: string
  reason: string
  /** Undefined if the row's Handle can't be read. */
  handle: string | undefined
}

type Options = {
  /** The currency of all prices, by ISO 4217. */
  currency: string
  /** The Handles that occur again after rows of another product, see `returning-handles.ts`. */
  returning?: { has(handle: string): boolean }
}

/** The adjacent rows of one Handle. It has no draft if its first row was refused. */
type Group = { handle: string; line: number; isPartial: boolean; draft?: Draft }

/**
 * Reads Shopify's product CSV (help.shopify.com, "Using CSV files to import and export products"). Yields the columns, then a product for
 * each Handle in order. Yields a problem for each refused row before its product. Keeps in memory one product, one row, 64 KiB of the file
 * and a hash of every Handle. Throws `UnreadableFile` for missing columns, a quote that is never closed, a row of more than 1 MiB, and more
 * than 1,000,000 Handles.
 */
export async function* readShopifyProducts(
  bytes: AsyncIterable<Uint8Array>,
  options: Options
): AsyncGenerator<ShopifyEntry> {
  const parsePrice = priceParser(options.currency)
  const handles = seenHandles()
  let columns: Columns | undefined
  let group: Group | undefined
  // True after a row without a readable Handle, which can belong to the product before or after it.
  let isUnclear = false

  for await (const record of readRecords(bytes)) {
    if (!columns) {
      columns = readColumns(record)
      const { names, places, attributes } = columns
      const read = [...places, ...attributes.map(({ key, place }) => [key, place] as const)]
      const known = new Map(read.map(([key, place]) => [key, names[place]!]))
      yield { kind: 'columns', line: record.line, known, unknown: columns.unknown }
      continue
    }
    if (isEmpty(record)) continue
    let handle: string | undefined
    try {
      const row = readRow(columns, record)
      handle = readHandle(row)
      const mayBeFirst = isUnclear
      isUnclear = false
      if (handle === group?.handle) {
        addToGroup(group, row, parsePrice)
        continue
      }
      if (!handles.add(handle)) throw new BadCell('Handle', 'comes back after rows of another product')
      if (handles.size() > MOST_HANDLES) throw new UnreadableFile(row.line, 'the file has too many Handles', 'Handle')
      if (group) yield* finish(group)
      group = { handle, line: row.line, isPartial: mayBeFirst || options.returning?.has(handle) === true }
      group.draft = startProduct(handle, row, parsePrice)
    } catch (error) {
      if (!(error instanceof BadCell)) throw error
      if (handle === undefined) isUnclear = true
      if (group && (handle ?? group.handle) === group.handle) group.isPartial = true
      yield problemOf(error, columns, record, handle)
    }
  }
  if (!columns) throw new UnreadableFile(1, 'the file is empty', 'Handle')
  if (group) yield* finish(group)
}

function addToGroup({ draft }: Group, row: Row, parsePrice: (text: string) => Money): void {
  if (!draft) throw new BadCell('Handle', 'the first row of the product was left out')
  addRow(draft, row, parsePrice)
}

function problemOf(error: BadCell, columns: Columns, { line }: FileRecord, handle?: string): ShopifyEntry {
  const column = columns.names[columns.places.get(error.column) ?? -1] ?? error.column
  return { kind: 'problem', line, rows: 1, column, reason: error.message, handle }
}

function* finish({ handle, line, isPartial, draft }: Group): Generator<ShopifyEntry> {
  if (!draft) return
  const finished = finishProduct(draft)
  const { product, rows } = finished
  if (product.variants.length > 0) yield { kind: 'product', line, ...finished, isPartial }
  else yield { kind: 'problem', line, rows, column: 'Variant Price', reason: 'the product has no variant', handle }
}
