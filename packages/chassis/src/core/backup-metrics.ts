import type { Registry } from 'prom-client'
import { shared, updateAtScrape } from './measuring.ts'
import { defineGauge } from './metrics.ts'
import type { StoreName } from './store-metrics.ts'

/** The last backup and the last restore of a store, which `bulkhead backup` and `bulkhead restore` write into the store itself. */
export type BackupRecord = {
  /** The time of the last backup (ms since the epoch). */
  backedUpAt?: number
  /** The bytes of the records in the last backup, before compression. */
  bytes?: number
  /** The time of the last restore in which every record equalled the backup (ms since the epoch). */
  restoredAt?: number
}

const labels = { store: ['mongodb', 'redis'] }

const lastSuccess = defineGauge({
  name: 'bulkhead_backup_last_success_timestamp_seconds',
  help: 'When the last backup began; 0 if there is none',
  labels
})

const size = defineGauge({
  name: 'bulkhead_backup_size_bytes',
  help: 'Records in the last backup, before compression',
  labels
})

const lastRestore = defineGauge({
  name: 'bulkhead_backup_last_restore_timestamp_seconds',
  help: 'When the last restore ended in which every record equalled the backup; 0 if there is none',
  labels
})

/** The metrics of a store of records. */
export const backupMetrics = [lastSuccess, size, lastRestore]

type Options = {
  registry: Registry
  store: StoreName
  /** Reads the record; undefined if the store was never backed up. */
  read: () => Promise<BackupRecord | undefined>
}

/** Registers the gauges of the last backup and the last restore of a store. All gauges of a scrape share one reading. */
export function measureBackups({ registry, store, read }: Options) {
  const readOnce = shared(async (): Promise<BackupRecord> => (await read()) ?? {})
  const seconds = (time = 0) => time / 1_000
  updateAtScrape(registry, lastSuccess, async gauge => gauge.set({ store }, seconds((await readOnce()).backedUpAt)))
  updateAtScrape(registry, size, async gauge => gauge.set({ store }, (await readOnce()).bytes ?? 0))
  updateAtScrape(registry, lastRestore, async gauge => gauge.set({ store }, seconds((await readOnce()).restoredAt)))
}
