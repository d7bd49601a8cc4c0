import type { Money } from '@bulkhead/chassis/core'
import { handleOf } from './cells.ts'
import { type Columns, readColumns } from './columns.ts'
import { priceReader } from './price.ts'
import { addRow, type Draft, finishProduct, type ImportedProduct, startProduct } from './product.ts'
import { type FileRecord, readRecords, UnreadableFile } from './records.ts'
import { BadCell, isEmpty, type Row, readRow } from './rows.ts'
import { MOST_HANDLES, seenHandles } from './seen-handles.ts'

/**
 * The columns, which come first: the names in the file of those that are read, by their `Column` or the key of their attribute; a product
 * with the line of its first row, partial where rows of it were left out, or may have been; or a row or product that could not be taken.
 * `rows` counts the file's rows that the entry accounts for; those without any cell filled count nowhere.
 */
export type ShopifyEntry =
  | { kind: 'columns'; line: number; known: ReadonlyMap<string, string>; unknown: string[] }
  | {
      kind: 'product'
      line: number
      rows: number
      product: ImportedProduct
      stock: { sku: string; quantity: number }[]
      /** Those of its SKUs that the file does not have. */
      madeSkus: ReadonlySet<string>
      isPartial: boolean
    }
  | { kind: 'problem'; line: number; rows: number; column: string; reason: string; handle?: string }

/** The adjacent rows of one Handle; there is no draft when its first row could not be taken. */
type Group = { handle: string; line: number; isPartial: boolean; draft?: Draft }

/**
 * Reads Shopify's product CSV (help.shopify.com, "Using CSV files to import and export products").
 * Yields the columns, one entry a Handle, in order, and a problem for each row that is left out, before its product. Holds
 * one product, one row, 64 KiB of the file, and a hash of every Handle to tell one that comes back later. `returning` are those that will (`returning-handles.ts`).
 * Prices become minor units of `currency` (ISO 4217); lines count from 1 and are those a row starts on.
 * Throws `UnreadableFile` for missing columns, a quote never closed, a row over 1 MiB and over 1,000,000 Handles.
 */
export async function* readShopifyProducts(
  bytes: AsyncIterable<Uint8Array>,
  options: { currency: string; returning?: { has(handle: string): boolean } }
): AsyncGenerator<ShopifyEntry> {
  const readPrice = priceReader(options.currency)
  const handles = seenHandles()
  let columns: Columns | undefined
  let group: Group | undefined
  // Whether a row without a readable Handle stands before the next one with one: it may be of the product before or after.
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
      handle = handleOf(row)
      const mayBeFirst = isUnclear
      isUnclear = false
      if (handle === group?.handle) {
        takeNext(group, row, readPrice)
        continue
      }
      if (!handles.add(handle)) throw new BadCell('Handle', 'comes back after rows of another product')
      if (handles.size() > MOST_HANDLES) throw new UnreadableFile(row.line, 'the file has too many Handles', 'Handle')
      if (group) yield* finish(group)
      group = { handle, line: row.line, isPartial: mayBeFirst || options.returning?.has(handle) === true }
      group.draft = startProduct(handle, row, readPrice)
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

function takeNext({ draft }: Group, row: Row, readPrice: (text: string) => Money): void {
  if (!draft) throw new BadCell('Handle', 'the first row of the product was left out')
  addRow(draft, row, readPrice)
}

function problemOf(error: BadCell, columns: Columns, { line }: FileRecord, handle?: string): ShopifyEntry {
  const column = columns.names[columns.places.get(error.column) ?? -1] ?? error.column
  return { kind: 'problem', line, rows: 1, column, reason: error.message, ...(handle && { handle }) }
}

function* finish({ handle, line, isPartial, draft }: Group): Generator<ShopifyEntry> {
  if (!draft) return
  const finished = finishProduct(draft)
  const { product, rows } = finished
  if (product.variants.length > 0) yield { kind: 'product', line, ...finished, isPartial }
  else yield { kind: 'problem', line, rows, column: 'Variant Price', reason: 'the product has no variant', handle }
}
