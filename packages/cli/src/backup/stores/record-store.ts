import type { Frame } from '../dump/frames.ts'
import type { Content, Manifest, StoreKind } from '../dump/manifest.ts'

/** The last backup and the last proven restore of a store. The service's metrics show it. */
export type BackupRecord = {
  /** The time of the last backup (ms since the epoch), and the bytes of its records. */
  backedUpAt?: number
  bytes?: number
  /** The time of the last restore whose records were all compared (ms since the epoch). */
  restoredAt?: number
}

/** A store of records, as backup and restore see it. */
export type RecordStore = {
  kind: StoreKind
  /** The version of the server. */
  server: string
  /** Reads all records as frames. Returns their counts and digests at the end. */
  read(): AsyncGenerator<Frame, Content[]>
  /** Counts the records that a restore would replace. */
  count(): Promise<number>
  /** True if there is nothing in the database, not even an empty collection. */
  isEmpty(): Promise<boolean>
  /** Removes all records. */
  clear(): Promise<void>
  /**
   * Writes the records of a dump, reads each one back and compares it with the dump by hash. Fails at the first that differs. Resolves with
   * what the store has afterwards. `frames` has only frames of records.
   */
  write(frames: AsyncIterable<Frame>): Promise<Content[]>
  /** Stores facts about backups in the store, beside the records. Keeps the facts that are not given. */
  remember(record: BackupRecord): Promise<void>
  close(): Promise<void>
}

/** Called with the number of records that were written so far. */
export type Written = (records: number) => void

/** The names of the contents whose count or digest differs between a manifest and a store. */
export function differences(manifest: Pick<Manifest, 'contents'>, found: Content[]): string[] {
  const stored = new Map(found.map(content => [content.name, content]))
  const lines = manifest.contents.flatMap(({ name, count, digest }) => {
    const there = stored.get(name) ?? { count: 0, digest: '' }
    if (there.count !== count) return [`${name} has ${there.count} records, the backup ${count}`]
    return count > 0 && there.digest !== digest ? [`${name} has other records than the backup`] : []
  })
  const known = new Set(manifest.contents.map(({ name }) => name))
  const others = found.filter(({ name, count }) => !known.has(name) && count > 0)
  return [...lines, ...others.map(({ name, count }) => `${name} has ${count} records, the backup none`)]
}
