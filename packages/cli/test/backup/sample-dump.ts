import { globSync } from 'node:fs'
import { BSON } from 'mongodb'
import { digestOf, SetDigest } from '../../src/backup/dump/digest.ts'
import { FRAME, type Frame, jsonFrame } from '../../src/backup/dump/frames.ts'
import { type Content, contentOf } from '../../src/backup/dump/manifest.ts'
import { openRepository, RETENTION } from '../../src/backup/repository/repository.ts'
import type { Access } from '../../src/backup/repository/restic.ts'

/** The number of records in a dump of `recordsOf`, unless a test asks for another. */
export const RECORDS = 200

/** Opens the repository of `orders`. */
export const repositoryAt = (access: Access) => openRepository(access, 'orders')

/** Stores a dump of `orders` with these records. */
export const writeDump = (access: Access, records = recordsOf('orders')) =>
  repositoryAt(access).write(newHeader(), records, RETENTION)

/** Returns the files of the snapshots and the locks in the repository of `orders`. */
export const snapshotsAndLocks = (location: string) => globSync('orders/{snapshots,locks}/*', { cwd: location })

const newHeader = () =>
  ({
    format: 1,
    service: 'orders',
    version: '1.0.0',
    store: 'mongodb',
    server: '8.0',
    startedAt: new Date().toISOString()
  }) as const

/** Returns the frames of a collection with documents that hardly compress. */
export async function* recordsOf(name: string, count = RECORDS): AsyncGenerator<Frame, Content[]> {
  const records = new SetDigest()
  yield jsonFrame(FRAME.collection, { name })
  for (let number = 0; number < count; number++) {
    const payload = BSON.serialize({ _id: `ord_${number}`, secret: digestOf(Buffer.from(String(number))) })
    records.add(digestOf(payload), payload.length)
    yield { kind: FRAME.document, payload }
  }
  return [contentOf(name, records)]
}
