import type { Money } from '@bulkhead/chassis/money'
import { BadCell, type Columns, cellOf, type Row, readColumns, readRow } from './columns.ts'
import { priceReader } from './price.ts'
import { addRow, type Draft, finishProduct, type ImportedProduct, startProduct } from './product.ts'
import { readRecords, UnreadableFile } from './records.ts'

/** A product with the line of its first row and how many rows it took, or a row or product that could not be taken. */
export type ShopifyEntry =
  | {
      kind: 'product'
      line: number
      rows: number
      product: ImportedProduct
      stock: { sku: string; quantity: number }[]
    }
  | { kind: 'problem'; line: number; column: string; reason: string; handle?: string }
/** The adjacent rows of one Handle; there is no draft when its first row could not be taken. */
type Group = { handle: string; line: number; draft?: Draft }

const MOST_HANDLES = 1_000_000

/**
 * Reads Shopify's product CSV (help.shopify.com, "Using CSV files to import and export products").
 * Yields one entry a Handle, in order, and a problem for each row that is left out, before its product. Holds one
 * product, one row and the rows of 16 KiB of the file, and every Handle to tell one that comes back later.
 * Prices become minor units of `currency` (ISO 4217); lines count from 1 and are those a row starts on.
 * Throws `UnreadableFile` for missing columns, wrong quoting, a row over 1 MiB and over 1,000,000 Handles.
 */
export async function* readShopifyProducts(
  bytes: AsyncIterable<Uint8Array>,
  options: { currency: string }
): AsyncGenerator<ShopifyEntry> {
  const readPrice = priceReader(options.currency)
  const handles = new Set<string>()
  let columns: Columns | undefined
  let group: Group | undefined

  for await (const record of readRecords(bytes)) {
    if (!columns) {
      columns = readColumns(record)
      continue
    }
    let handle: string | undefined
    try {
      const row = readRow(columns, record)
      handle = handleOf(row)
      if (handle === group?.handle) {
        takeNext(group, row, readPrice)
        continue
      }
      if (handles.has(handle)) throw new BadCell('Handle', 'comes back after rows of another product')
      if (handles.size === MOST_HANDLES) throw new UnreadableFile(row.line, 'the file has too many Handles', 'Handle')
      handles.add(handle)
      if (group) yield* finish(group)
      group = { handle, line: row.line }
      group.draft = startProduct(row, readPrice)
    } catch (error) {
      if (!(error instanceof BadCell)) throw error
      yield {
        kind: 'problem',
        line: record.line,
        column: error.column,
        reason: error.message,
        ...(handle && { handle })
      }
    }
  }
  if (!columns) throw new UnreadableFile(1, 'the file is empty', 'Handle')
  if (group) yield* finish(group)
}

function handleOf(row: Row): string {
  const handle = cellOf(row, 'Handle')
  if (!handle) throw new BadCell('Handle', 'is missing')
  return handle
}

function takeNext({ draft }: Group, row: Row, readPrice: (text: string) => Money): void {
  if (!draft) throw new BadCell('Handle', 'the first row of the product was left out')
  addRow(draft, row, readPrice)
}

function* finish({ handle, line, draft }: Group): Generator<ShopifyEntry> {
  if (!draft) return
  const { product, rows, stock } = finishProduct(draft)
  if (product.variants.length > 0) yield { kind: 'product', line, rows, product, stock }
  else yield { kind: 'problem', line, column: 'Variant Price', reason: 'the product has no variant', handle }
}
