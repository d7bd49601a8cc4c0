import type { Db } from 'mongodb'
import type { StockItem } from './schemas.ts'

/** Where a page of stock starts: a document, and an item in it. */
export type StockPlace = { document: number; item: number }

const DOCUMENT_ITEMS = 1000
/** Documents read for a page: one may hold a single item, so a page may be shorter than asked for. */
const PAGE_DOCUMENTS = 10

export type ImportedStock = ReturnType<typeof importedStock>

/** The quantities that imports read, in bounded documents that are numbered from 0 for each import. */
export function importedStock(db: Db) {
  const stock = db.collection<{ _id: string; items: StockItem[] }>('import_stock')
  const documentId = (id: string, number: number) => `${id}/${number}`

  return {
    /** Stores items from document `first` on and returns the number after the last. Written again, they are replaced. */
    async write(id: string, first: number, items: StockItem[]): Promise<number> {
      let number = first
      for (let at = 0; at < items.length; at += DOCUMENT_ITEMS, number++) {
        const part = { items: items.slice(at, at + DOCUMENT_ITEMS) }
        await stock.replaceOne({ _id: documentId(id, number) }, part, { upsert: true })
      }
      return number
    },

    /** Up to `limit` items from `from` on, of an import that has `count` documents, and where the next page starts. */
    async page(id: string, count: number, from: StockPlace, limit: number) {
      const last = Math.min(count, from.document + PAGE_DOCUMENTS)
      const numbers = Array.from({ length: Math.max(0, last - from.document) }, (_, index) => from.document + index)
      const found = await stock.find({ _id: { $in: numbers.map(number => documentId(id, number)) } }).toArray()
      const itemsOf = new Map(found.map(({ _id, items }) => [_id, items]))
      const placed = numbers.flatMap(document =>
        (itemsOf.get(documentId(id, document)) ?? []).map((item, place) => ({ ...item, document, place }))
      )
      const rest = placed.filter(({ document, place }) => document > from.document || place >= from.item)
      const following = rest[limit]
      const next: StockPlace | undefined = following
        ? { document: following.document, item: following.place }
        : last < count
          ? { document: last, item: 0 }
          : undefined
      return { items: rest.slice(0, limit).map(({ sku, quantity }) => ({ sku, quantity })), next }
    },

    /** Removes all documents of an import: also those of a last batch whose progress was never saved. */
    async remove(id: string) {
      await stock.deleteMany({ _id: { $gt: `${id}/`, $lt: `${id}0` } }) // 0 comes after /
    }
  }
}
