import { type BulkheadPolicy, bulkhead } from 'cockatiel'

/** The share of a key and its queue are full. */
export class ShareFull extends Error {
  override readonly name = 'ShareFull'
}

/** Runs work for keys, such as clients: of each key so much at once, while so much waits. Rejects with `ShareFull` beyond. */
export function shares(atOnce: number, queue: number) {
  const known = new Map<string, BulkheadPolicy>()
  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const share = known.get(key) ?? bulkhead(atOnce, queue)
    if (share.executionSlots + share.queueSlots === 0) throw new ShareFull(`${key} has its share`)
    known.set(key, share)
    try {
      return await share.execute(work)
    } finally {
      if (share.executionSlots === atOnce) known.delete(key)
    }
  }
}
