import { readShopifyProducts, type ShopifyEntry } from '../shopify/reader.ts'
import { UnreadableFile } from '../shopify/records.ts'

type ProductEntry = Extract<ShopifyEntry, { kind: 'product' }>
type ProblemEntry = Extract<ShopifyEntry, { kind: 'problem' }>

/** Entries of the reader in their order; `entries` and `bytesRead` count from the start of the file to the batch's end. */
export type Batch = {
  products: ProductEntry[]
  problems: ProblemEntry[]
  /** The names in the file of the columns that are read, by their `Column` or attribute. */
  columns: ReadonlyMap<string, string>
  /** Names of columns that the format does not have. */
  unknownColumns: string[]
  entries: number
  bytesRead: number
}

const BATCH_ENTRIES = 200
/** Of the file. A batch is in memory whole, and a product may be as large as 4 MiB. */
const BATCH_BYTES = 256 * 1024

/**
 * Reads a file in batches, without its first `skip` entries; `returning` are its Handles that come back. Throws `UnreadableFile` after the batch of what was read
 * before.
 */
export async function* readBatches(
  file: AsyncIterable<Uint8Array>,
  { currency, returning, skip }: { currency: string; returning: { has(handle: string): boolean }; skip: number }
): AsyncGenerator<Batch> {
  let bytesRead = 0
  async function* counted() {
    for await (const bytes of file) {
      bytesRead += bytes.length
      yield bytes
    }
  }
  let entries = 0
  let bytesBefore = 0
  let batch: Omit<Batch, 'entries' | 'bytesRead'> = {
    products: [],
    problems: [],
    columns: new Map(),
    unknownColumns: []
  }
  const size = () => batch.products.length + batch.problems.length
  const whole = (): Batch => ({ ...batch, entries, bytesRead })

  try {
    for await (const entry of readShopifyProducts(counted(), { currency, returning })) {
      if (entry.kind === 'columns') {
        batch = { ...batch, columns: entry.known, unknownColumns: entry.unknown }
        continue
      }
      entries++
      if (entries <= skip) {
        bytesBefore = bytesRead // so that batches end where they would have ended
        continue
      }
      if (entry.kind === 'problem') batch.problems.push(entry)
      else batch.products.push(entry)
      if (size() < BATCH_ENTRIES && bytesRead - bytesBefore < BATCH_BYTES) continue
      yield whole()
      batch = { ...batch, products: [], problems: [] }
      bytesBefore = bytesRead
    }
  } catch (error) {
    if (error instanceof UnreadableFile && size() > 0) yield whole()
    throw error
  }
  yield whole()
}
