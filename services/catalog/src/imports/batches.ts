import { readShopifyProducts, type ShopifyEntry } from '../shopify/reader.ts'
import { UnreadableFile } from '../shopify/records.ts'

type ProductEntry = Extract<ShopifyEntry, { kind: 'product' }>
type ProblemEntry = Extract<ShopifyEntry, { kind: 'problem' }>

/** A batch of the reader's entries, in their order. */
export type Batch = {
  products: ProductEntry[]
  problems: ProblemEntry[]
  /** The name in the file of each column that is read. The key is its `Column`, or the key of its attribute. */
  columns: ReadonlyMap<string, string>
  /** Names of columns that the format does not have. */
  unknownColumns: string[]
  /** The number of entries from the start of the file to the end of the batch. */
  entries: number
  /** The number of bytes from the start of the file to the end of the batch. */
  bytesRead: number
}

type Options = {
  /** The currency of the prices. */
  currency: string
  /** The Handles that occur again after rows of another product. */
  returning: { has(handle: string): boolean }
  /** The number of entries to skip at the start of the file. */
  skip: number
}

const BATCH_ENTRIES = 200
/** Maximum bytes of a batch. A whole batch is in memory, and one product can have 4 MiB. */
const BATCH_BYTES = 256 * 1024

/**
 * Reads a file in batches. If the rest of the file is unreadable, yields the entries before that place as the last batch, then throws
 * `UnreadableFile`.
 */
export async function* readBatches(
  file: AsyncIterable<Uint8Array>,
  { currency, returning, skip }: Options
): AsyncGenerator<Batch> {
  let bytesRead = 0
  async function* countBytes() {
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
  const finishBatch = (): Batch => ({ ...batch, entries, bytesRead })

  try {
    for await (const entry of readShopifyProducts(countBytes(), { currency, returning })) {
      if (entry.kind === 'columns') {
        batch = { ...batch, columns: entry.known, unknownColumns: entry.unknown }
        continue
      }
      entries++
      if (entries <= skip) {
        // Batches must end where they would have ended without `skip`.
        bytesBefore = bytesRead
        continue
      }
      if (entry.kind === 'problem') batch.problems.push(entry)
      else batch.products.push(entry)
      if (size() < BATCH_ENTRIES && bytesRead - bytesBefore < BATCH_BYTES) continue
      yield finishBatch()
      batch = { ...batch, products: [], problems: [] }
      bytesBefore = bytesRead
    }
  } catch (error) {
    if (error instanceof UnreadableFile && size() > 0) yield finishBatch()
    throw error
  }
  yield finishBatch()
}
