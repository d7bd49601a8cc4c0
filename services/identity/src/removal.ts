import type { Collection, Filter } from 'mongodb'

/** Documents of a batch, and batches of a run: more than come in a minute, few enough that others get their turn. */
const BATCH = 500
const MOST_BATCHES = 20

/** Removes what matches, batch by batch; what a run leaves is the next one's. The filter wants an index. */
export async function removeAll<T extends { _id: string }>(collection: Collection<T>, over: Filter<T>) {
  for (let batch = 0; batch < MOST_BATCHES; batch++) {
    const found = await collection.find(over).project<{ _id: string }>({ _id: 1 }).limit(BATCH).toArray()
    const ids = found.map(({ _id }) => _id)
    // With the filter again: a document may have changed since.
    if (ids.length > 0) await collection.deleteMany({ $and: [{ _id: { $in: ids } }, over] } as Filter<T>)
    if (ids.length < BATCH) return
  }
}
