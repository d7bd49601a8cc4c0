import type { Collection, Filter } from 'mongodb'

/**
 * The number of documents in one batch. One run can remove more documents than expire in a minute; between batches there is time for other
 * work.
 */
const BATCH_SIZE = 500
const MAX_BATCHES = 20

/** Removes all documents that match the filter, batch by batch. The next run removes the remaining documents. The filter needs an index. */
export async function removeAll<T extends { _id: string }>(collection: Collection<T>, filter: Filter<T>) {
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const documents = await collection.find(filter).project<{ _id: string }>({ _id: 1 }).limit(BATCH_SIZE).toArray()
    const ids = documents.map(({ _id }) => _id)
    // Apply the filter again, because a document may have changed since it was found.
    if (ids.length > 0) await collection.deleteMany({ $and: [{ _id: { $in: ids } }, filter] } as Filter<T>)
    if (ids.length < BATCH_SIZE) return
  }
}
