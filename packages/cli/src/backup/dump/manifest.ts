import type { SetDigest } from './digest.ts'

/** The facts about a service's store that are known before its dump begins. */
export type Header = {
  format: 1
  service: string
  /** The version of the service's package. */
  version: string
  store: StoreKind
  /** The version of the store's server. */
  server: string
  /** The time when the dump began (ISO 8601). */
  startedAt: string
  /** How far the service had read the streams of the event log; missing if the log did not answer. */
  eventLog?: LogPosition[]
}

/** A kind of store that has records. */
export type StoreKind = 'mongodb' | 'redis'

/** How far a service had read a stream when its dump began. */
export type LogPosition = { stream: string; lastDelivered: string; unread: number }

/** The records of a collection, or of a whole Redis. `digest` is that of `SetDigest`. */
export type Content = { name: string; count: number; bytes: number; digest: string }

/** The end of a dump. A dump without it is not complete. */
export type Manifest = Header & { endedAt: string; contents: Content[] }

/** Returns the content of a collection. */
export const contentOf = (name: string, records: SetDigest): Content => ({
  name,
  count: records.count,
  bytes: records.bytes,
  digest: records.hex()
})

/** Counts the records of a manifest. */
export const recordsIn = ({ contents }: Manifest) => contents.reduce((sum, { count }) => sum + count, 0)

/** Adds up the bytes of the records of a manifest. */
export const bytesIn = ({ contents }: Manifest) => contents.reduce((sum, { bytes }) => sum + bytes, 0)
