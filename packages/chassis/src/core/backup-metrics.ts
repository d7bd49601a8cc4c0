import { setTimeout as delay } from 'node:timers/promises'
import { Gauge, type Registry } from 'prom-client'

/** The last backup and the last restore of a store, which `bulkhead backup` and `bulkhead restore` write into the store itself. */
export type BackupRecord = {
  /** The time of the last backup (ms since the epoch). */
  backedUpAt?: number
  /** The bytes of the records in the last backup, before compression. */
  bytes?: number
  /** The time of the last restore in which every record equalled the backup (ms since the epoch). */
  restoredAt?: number
}

type Options = {
  registry: Registry
  /** The kind of the store: `mongodb` or `redis`. */
  store: string
  /** Reads the record; undefined if the store was never backed up. */
  read: () => Promise<BackupRecord | undefined>
}

/** How long (ms) a scrape waits for the store. */
const TIMEOUT_MS = 500

/**
 * Registers gauges of the last backup and the last restore of a store, which are read at each scrape. They are 0 if there was none. If
 * reading fails or takes too long, they keep their last figures.
 */
export function backupMetrics({ registry, store, read }: Options) {
  let last: BackupRecord | undefined
  let reading: Promise<void> | undefined
  /** Returns the record. All gauges of a scrape share one reading. */
  async function readOnce() {
    reading ??= read()
      .then(record => {
        last = record
      })
      .catch(() => undefined) // the store's other metrics show that it is away
      .finally(() => {
        reading = undefined
      })
    await Promise.race([reading, delay(TIMEOUT_MS, undefined, { ref: false })])
    return last
  }
  function gauge(name: string, help: string, value: (record: BackupRecord) => number) {
    new Gauge({
      name,
      help,
      labelNames: ['store'],
      registers: [registry],
      async collect() {
        this.set({ store }, value((await readOnce()) ?? {}))
      }
    })
  }
  const seconds = (time = 0) => time / 1_000
  gauge('bulkhead_backup_last_success_timestamp_seconds', 'When the last backup began; 0 if there is none', record =>
    seconds(record.backedUpAt)
  )
  gauge('bulkhead_backup_size_bytes', 'Records in the last backup, before compression', ({ bytes = 0 }) => bytes)
  gauge(
    'bulkhead_backup_last_restore_timestamp_seconds',
    'When the last restore ended in which every record equalled the backup; 0 if there is none',
    record => seconds(record.restoredAt)
  )
}
