import type { Header, LogPosition, Manifest } from './dump/manifest.ts'
import { bytesIn } from './dump/manifest.ts'
import { type Repository, type Retention, RETENTION, type Snapshot } from './repository/repository.ts'
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
export type Backup = { snapshot: Snapshot; manifest: Manifest; removed: number; seconds: number }

/** Backs up a store while its service runs, stores the time in the store for the metrics, and removes old snapshots. */
export async function backUp({ service, version, store, repository, eventLog, retention = RETENTION }: BackupParts): Promise<Backup> {
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
  const { snapshot, manifest } = await repository.write(header, store.read())
  await store.remember({ backedUpAt: snapshot.at.getTime(), bytes: bytesIn(manifest) })
  const removed = await repository.forget(retention)
  return { snapshot, manifest, removed, seconds: (performance.now() - started) / 1_000 }
}
