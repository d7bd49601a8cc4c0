import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { FRAME, type Frame, jsonFrame } from '../../src/backup/dump/frames.ts'
import type { Content } from '../../src/backup/dump/manifest.ts'
import { openRepository, RETENTION } from '../../src/backup/repository/repository.ts'

// A backup that never ends: endless-backup.ts LOCATION PASSWORD-FILE. Prints a line once restic has taken some data.
const [location = '', passwordFile = ''] = process.argv.slice(2)

async function* records(): AsyncGenerator<Frame, Content[]> {
  yield jsonFrame(FRAME.collection, { name: 'orders' })
  for (let count = 1; ; count++) {
    yield { kind: FRAME.document, payload: randomBytes(64 * 1024) }
    if (count === 100) console.log('writing')
    if (count > 100) await delay(20)
  }
}

const header = { format: 1, service: 'orders', version: '', store: 'mongodb', server: '' } as const
const startedAt = new Date().toISOString()
await openRepository({ location, passwordFile }, 'orders').write({ ...header, startedAt }, records(), RETENTION)
