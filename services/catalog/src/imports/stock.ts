import type { Db } from 'mongodb'
import type { StockItem } from './schemas.ts'

/** The start of a page: the position of a document, and of an item in the document. Both count from 0. */
export type StockPlace = { document: number; item: number }

/** The stock quantities that imports found in their files. Each import has documents of at most 1,000 items, numbered from 0. */
export type ImportedStock = {
  /** Stores items in documents from number `first` on, and overwrites existing documents. Returns the number after the last document. */
  write(importId: string, first: number, items: StockItem[]): Promise<number>
  /** Returns up to `limit` items from `from` on, and the start of the next page. `count` is the number of the import's documents. */
  page(importId: string, count: number, from: StockPlace, limit: number): Promise<StockPage>
  /** Removes all documents of an import, including documents of a last batch whose progress was never saved. */
  remove(importId: string): Promise<void>
}

type StockPage = { items: StockItem[]; next: StockPlace | undefined }

const DOCUMENT_ITEMS = 1000
/** Maximum number of documents read for a page. A document can have a single item, so a page can be shorter than its limit. */
const PAGE_DOCUMENTS = 10

export function importedStock(db: Db): ImportedStock {
  const stock = db.collection<{ _id: string; items: StockItem[] }>('import_stock')
  const documentId = (importId: string, number: number) => `${importId}/${number}`

  return {
    async write(importId, first, items) {
      let number = first
      for (let start = 0; start < items.length; start += DOCUMENT_ITEMS, number++) {
        const document = { items: items.slice(start, start + DOCUMENT_ITEMS) }
        await stock.replaceOne({ _id: documentId(importId, number) }, document, { upsert: true })
      }
      return number
    },

    async page(importId, count, from, limit) {
      const end = Math.min(count, from.document + PAGE_DOCUMENTS)
      const numbers = Array.from({ length: Math.max(0, end - from.document) }, (_, index) => from.document + index)
      const ids = numbers.map(number => documentId(importId, number))
      const documents = await stock.find({ _id: { $in: ids } }).toArray()
      const itemsById = new Map(documents.map(({ _id, items }) => [_id, items]))
      const placed = numbers.flatMap(document =>
        (itemsById.get(documentId(importId, document)) ?? []).map((item, place) => ({ ...item, document, place }))
      )
      const rest = placed.filter(({ document, place }) => document > from.document || place >= from.item)
      const following = rest[limit]
      const hasMore = end < count
      const next = following
        ? { document: following.document, item: following.place }
        : hasMore
          ? { document: end, item: 0 }
          : undefined
      return { items: rest.slice(0, limit).map(({ sku, quantity }) => ({ sku, quantity })), next }
    },

    async remove(importId) {
      // The character 0 comes right after / in the order of characters.
      await stock.deleteMany({ _id: { $gt: `${importId}/`, $lt: `${importId}0` } })
    }
  }
}
