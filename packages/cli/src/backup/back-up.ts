import type { Header, LogPosition } from './dump/manifest.ts'
import { RETENTION, type Repository, type Retention, type Stored } from './repository/repository.ts'
import type { RecordStore } from './stores/record-store.ts'

/** What a backup needs. */
export type BackupParts = {
  service: string
  version: string
  store: RecordStore
  repository: Repository
  /** How far the service has read the event log; undefined if the log does not answer. */
  eventLog?: LogPosition[] | undefined
  retention?: Retention
}

/** A finished backup. */
export type Backup = Stored & { seconds: number }

/** Backs up a store while its service runs, stores the time in the store for the metrics, and removes old snapshots. */
export async function backUp({
  service,
  version,
  store,
  repository,
  eventLog,
  retention = RETENTION
}: BackupParts): Promise<Backup> {
  const started = performance.now()
  const header: Header = {
    format: 1,
    service,
    version,
    store: store.kind,
    server: store.server,
    startedAt: new Date().toISOString(),
    ...(eventLog === undefined ? undefined : { eventLog })
  }
  const stored = await repository.write(header, store.read(), retention)
  await store.remember({ backedUpAt: stored.snapshot.at.getTime(), bytes: stored.snapshot.bytes })
  return { ...stored, seconds: (performance.now() - started) / 1_000 }
}
