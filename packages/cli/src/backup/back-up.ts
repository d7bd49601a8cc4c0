import { Failure } from '../failure.ts'
import type { Header, LogPosition } from './dump/manifest.ts'
import { timeText } from './output.ts'
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
  /** True to accept a store without records although the last backup has some. */
  allowEmpty?: boolean
}

/** A finished backup. */
export type Backup = Stored & { seconds: number }

/**
 * Backs up a store while its service runs, stores the time in the store for the metrics, and removes old snapshots. Fails if
 * the store has no records and the last snapshot has some, because it would become the latest.
 */
export async function backUp({
  service,
  version,
  store,
  repository,
  eventLog,
  retention = RETENTION,
  allowEmpty = false
}: BackupParts): Promise<Backup> {
  const started = performance.now()
  if (!allowEmpty && (await store.count()) === 0) await requireNoRecordsBefore(service, repository)
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

async function requireNoRecordsBefore(service: string, repository: Repository) {
  const [latest] = await repository.list()
  if (!latest?.records) return
  throw new Failure(
    `${service} has no records now, and its last backup ${latest.id} of ${timeText(latest.at)} has ${latest.records}`,
    'If its records were lost, restore them: bulkhead restore. If it is meant to be empty, use --allow-empty'
  )
}
