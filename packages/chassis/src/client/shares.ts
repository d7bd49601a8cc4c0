import { type BulkheadPolicy, bulkhead } from 'cockatiel'

/** Thrown if a key has reached its limits of running and waiting work. */
export class ShareFull extends Error {
  override readonly name = 'ShareFull'
}

/** Runs work for a key, such as a client. Rejects with `ShareFull` if the key has reached both limits. */
type RunInShare = <T>(key: string, work: () => Promise<T>) => Promise<T>

/** Limits the work of each key: `concurrency` at once, while `queue` more may wait. */
export function shares(concurrency: number, queue: number): RunInShare {
  const bulkheads = new Map<string, BulkheadPolicy>()
  return async (key, work) => {
    const share = bulkheads.get(key) ?? bulkhead(concurrency, queue)
    if (share.executionSlots + share.queueSlots === 0) throw new ShareFull(`${key} has as much work as it may have`)
    bulkheads.set(key, share)
    try {
      return await share.execute(work)
    } finally {
      if (share.executionSlots === concurrency) bulkheads.delete(key)
    }
  }
}
