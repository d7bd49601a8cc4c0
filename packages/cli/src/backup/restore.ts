import { Failure } from '../failure.ts'
import { bytesIn, type Header, type Manifest } from './dump/manifest.ts'
import { verifyDump } from './dump/verify-dump.ts'
import { type Repository, readParts, type Snapshot } from './repository/repository.ts'
import { differences, type RecordStore } from './stores/record-store.ts'

type RestoreParts = {
  snapshot: Snapshot
  repository: Repository
  store: RecordStore
  /** True if the store is only for looking, beside the store of the service. */
  isCopy: boolean
  /** Called when the dump is found to be good, before the first record is removed. */
  replaces?: (() => void) | undefined
}

/** A finished restore. */
export type Restore = { manifest: Manifest; seconds: number }

/**
 * Replaces the records of a store by those of a snapshot. First reads the whole dump, so that a damaged one replaces nothing. Then each
 * record is written, read back and compared with the backup by hash. Fails if one differs, or if the store has fewer or more records than
 * the manifest says.
 */
export async function restore({ snapshot, repository, store, isCopy, replaces }: RestoreParts): Promise<Restore> {
  const started = performance.now()
  const manifest = await verifyDump(repository.read(snapshot))
  requireFit(manifest, snapshot, store)
  replaces?.()
  await store.clear()
  const { records } = await readParts(repository.read(snapshot))
  const wrong = differences(manifest, await store.write(records))
  if (wrong.length > 0) throw new Failure(`the restored store is not the backup: ${wrong.join('; ')}`)
  const facts = { backedUpAt: snapshot.at.getTime(), bytes: bytesIn(manifest), restoredAt: Date.now() }
  if (!isCopy) await store.remember(facts)
  return { manifest, seconds: (performance.now() - started) / 1_000 }
}

/** Fails if a dump is of another service, or of another kind of store. */
function requireFit({ service, store: kind }: Header, { id, service: wanted }: Snapshot, store: RecordStore) {
  if (service !== wanted) throw new Failure(`the snapshot ${id} is of ${service}, not of ${wanted}`)
  if (kind === store.kind) return
  throw new Failure(
    `the snapshot ${id} is of a ${kind} store, and ${wanted} uses ${store.kind} now`,
    'Restore it with the release that made it'
  )
}

/**
 * Returns the snapshot for `at`: an ID, `latest`, or a time, which means the latest snapshot that is not later. Fails with the choices if
 * there is none.
 */
export function chooseSnapshot(snapshots: Snapshot[], at: string, service: string): Snapshot {
  if (snapshots.length === 0) throw new Failure(`there is no backup of ${service}`, 'Look at: bulkhead backup list')
  const byId = /^[0-9a-f]{4,64}$/.test(at) && snapshots.find(({ id }) => id.startsWith(at) || at.startsWith(id))
  const time = at === 'latest' ? Number.POSITIVE_INFINITY : Date.parse(at)
  const chosen = byId || snapshots.find(({ at: taken }) => taken.getTime() <= time)
  if (chosen) return chosen
  if (Number.isNaN(time))
    throw new Failure(
      `${service} has no snapshot "${at}"`,
      'Give an ID of `bulkhead backup list`, or a time such as 2026-01-31T12:00:00Z'
    )
  throw new Failure(
    `there is no backup of ${service} at ${new Date(time).toISOString()} or before`,
    `The oldest is of ${snapshots.at(-1)!.at.toISOString()}`
  )
}
