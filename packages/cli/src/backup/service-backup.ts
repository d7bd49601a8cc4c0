import type { Redis } from 'ioredis'
import { type Backup, backUp } from './back-up.ts'
import type { LogPosition } from './dump/manifest.ts'
import { deliverAgain, deliverErasures, logPositions } from './erasures/deliver-again.ts'
import { ERASURE_PUBLISHER, ERASURES, eraseAgain, erasedPeople, recordErasures } from './erasures/people.ts'
import { openRepository, type Retention } from './repository/repository.ts'
import type { Access } from './repository/restic.ts'
import { chooseSnapshot, type Restore, restore } from './restore.ts'
import { openCopy, openStore } from './stores/open-store.ts'
import type { Written } from './stores/record-store.ts'

/** A service whose records are backed up or restored. */
export type BackedUpService = {
  name: string
  version: string
  /** The address of its store. */
  url: string
  /** The services whose events it handles. */
  publishers: string[]
}

/** What the backup of a service needs. */
export type BackupOptions = {
  access: Access
  /** A connection to the event log; undefined if it does not answer. */
  eventLog: Redis | undefined
  retention?: Retention
  /** True to accept a store without records although the last backup has some. */
  allowEmpty?: boolean
}

/** Backs up a service's store. The backup of the service that publishes erasures also adds them to the record of erased people. */
export async function backUpService(
  service: BackedUpService,
  { access, eventLog, retention, allowEmpty }: BackupOptions
): Promise<Backup> {
  const { name, version, url, publishers } = service
  const positions: LogPosition[] | undefined = eventLog && (await logPositions(eventLog, name, publishers))
  const store = await openStore(url)
  try {
    const repository = openRepository(access, name)
    const backup = await backUp({
      service: name,
      version,
      store,
      repository,
      eventLog: positions,
      ...(retention === undefined ? undefined : { retention }),
      ...(allowEmpty === undefined ? undefined : { allowEmpty })
    })
    if (name === ERASURE_PUBLISHER) await recordErasures(openRepository(access, ERASURES), await erasedPeople(url))
    return backup
  } finally {
    await store.close()
  }
}

/** What the restore of a service needs. */
export type RestoreOptions = {
  access: Access
  /** An administrator's connection to the event log. Missing for a copy. */
  eventLog: Redis | undefined
  /** A snapshot's ID, a time or `latest`. */
  at: string
  /** Another database on the same server, for looking; undefined to replace the service's records. */
  as?: string | undefined
  /** The databases of other services on the same server, which `as` may not name. */
  taken?: string[]
  /** The address of the store of the service that publishes erasures; undefined if it cannot be read. */
  publisherUrl: string | undefined
  /** True if the service must erase the data of customers. */
  erasesCustomers: boolean
  written?: Written
  /** Called before the first record is removed. */
  replaces?: () => void
}

/**
 * A finished restore. `erased` counts the people who were erased since the backup. `unrecorded` is the reason why the service's own store
 * does not know that a copy has proven the backup.
 */
export type ServiceRestore = Restore & { at: Date; id: string; erased: number; unrecorded?: string | undefined }

/**
 * Restores a service's records, and makes the rest agree with them: events that the log still has are delivered to the service again, and
 * people who were erased since the backup are erased again.
 */
export async function restoreService(service: BackedUpService, options: RestoreOptions): Promise<ServiceRestore> {
  const { name, url, publishers } = service
  const { access, eventLog, at, as, taken, publisherUrl, erasesCustomers, written, replaces } = options
  const repository = openRepository(access, name)
  const snapshot = chooseSnapshot(await repository.list(), at, name)
  const isCopy = as !== undefined
  const isConcerned = !isCopy && (erasesCustomers || name === ERASURE_PUBLISHER)
  // The record must be complete before the records of the publisher are replaced.
  const people = isConcerned
    ? await recordErasures(
        openRepository(access, ERASURES),
        publisherUrl ? await erasedPeople(publisherUrl) : new Map()
      )
    : new Map()
  const store = await (as === undefined ? openStore(url, undefined, written) : openCopy(url, as, { taken, written }))
  try {
    const restored = await restore({ snapshot, repository, store, isCopy, replaces })
    let erased = name === ERASURE_PUBLISHER && !isCopy ? await eraseAgain(url, people) : 0
    if (eventLog && !isCopy) {
      await deliverAgain(eventLog, name, publishers)
      const delivered = { service: name, publisher: ERASURE_PUBLISHER, people, backedUpAt: snapshot.at }
      if (erasesCustomers) erased += await deliverErasures(eventLog, delivered)
    }
    const unrecorded = isCopy ? await recordProof(url) : undefined
    return { ...restored, at: snapshot.at, id: snapshot.id, erased, unrecorded }
  } finally {
    await store.close()
  }
}

/** Stores in a service's own store that a backup was proven by a copy now. Resolves with the reason if that fails. */
async function recordProof(url: string): Promise<string | undefined> {
  try {
    const own = await openStore(url)
    await own.remember({ restoredAt: Date.now() }).finally(own.close)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
