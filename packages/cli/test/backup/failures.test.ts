import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '@bulkhead/testing/until'
import { BSON } from 'mongodb'
import { digestOf, SetDigest } from '../../src/backup/dump/digest.ts'
import { FRAME, type Frame, jsonFrame } from '../../src/backup/dump/frames.ts'
import { type Content, contentOf } from '../../src/backup/dump/manifest.ts'
import { verifyDump } from '../../src/backup/dump/verify-dump.ts'
import { openRepository, RETENTION } from '../../src/backup/repository/repository.ts'
import type { Access } from '../../src/backup/repository/restic.ts'
import { needRestic, temporaryRepository } from './temporary-repository.ts'

const RECORDS = 200

describe('a backup that fails', () => {
  before(needRestic)

  let place: ReturnType<typeof temporaryRepository>

  beforeEach(() => {
    place = temporaryRepository()
  })

  afterEach(() => place.remove())

  const repositoryAt = (access: Access) => openRepository(access, 'orders')
  const write = (access = place.access, records = recordsOf('orders')) =>
    repositoryAt(access).write(newHeader(), records, RETENTION)

  it('finds flipped bits of the repository, in a check and before a restore', async () => {
    const { snapshot } = await write()
    const packs = globSync('orders/data/*/*', { cwd: place.access.location })
    assert.ok(packs.length > 0)
    for (const pack of packs) flipBits(join(place.access.location, pack))
    const repository = repositoryAt(place.access)
    await assert.rejects(verifyDump(repository.read(snapshot)), /the repository is damaged/)
    await assert.rejects(repository.check(), /the repository is damaged/)
  })

  it('says that the password is wrong, and which file has it', async () => {
    await write()
    const passwordFile = join(place.folder, 'other')
    writeFileSync(passwordFile, 'wrong')
    await assert.rejects(
      repositoryAt({ ...place.access, passwordFile }).list(),
      new RegExp(`the password does not open the repository.*${passwordFile}`)
    )
  })

  it('leaves no snapshot and no lock if reading the store fails', async () => {
    async function* failing(): AsyncGenerator<Frame, Content[]> {
      yield jsonFrame(FRAME.collection, { name: 'orders' })
      throw new Error('The store is away')
    }
    await assert.rejects(write(place.access, failing()), /The store is away/)
    assert.deepEqual(snapshotsAndLocks(place.access.location), [])
  })

  it('leaves nothing that counts if its process is killed, and the next backup works', async () => {
    const { location, passwordFile } = place.access
    const program = join(import.meta.dirname, 'endless-backup.ts')
    const child = spawn(process.execPath, [program, location, passwordFile], { stdio: ['ignore', 'pipe', 'inherit'] })
    const exited = once(child, 'exit')
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await exited
    assert.deepEqual(await repositoryAt(place.access).list(), [])
    // restic may still be ending, and then has the repository locked.
    await until(() => write().then(() => true, isLocked))
    const [snapshot, ...others] = await repositoryAt(place.access).list()
    assert.equal(snapshot?.records, RECORDS)
    assert.deepEqual(others, [])
    assert.equal(globSync('orders/locks/*', { cwd: location }).length, 0)
  })

  it('ends restic when it is interrupted, and keeps nothing', async () => {
    const interrupted = new AbortController()
    async function* endless(): AsyncGenerator<Frame, Content[]> {
      for (let count = 0; ; count++) {
        if (count === 1_000) interrupted.abort()
        yield jsonFrame(FRAME.collection, { name: 'orders', count })
      }
    }
    const access = { ...place.access, signal: interrupted.signal }
    await assert.rejects(write(access, endless()), /interrupted; nothing was kept/)
    assert.deepEqual(snapshotsAndLocks(place.access.location), [])
  })

  it('says that the disk is full, and keeps the earlier backups', async function () {
    const folder = join(place.folder, 'small')
    mkdirSync(folder)
    const mount = () => execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' })
    try {
      mount()
    } catch {
      console.log('Not tested: a full disk, because this user may not mount a small one')
      return this.skip()
    }
    try {
      const access = { ...place.access, location: folder }
      const { snapshot } = await write(access)
      await assert.rejects(write(access, recordsOf('orders', 60_000)), /no space is left for the repository/)
      assert.deepEqual(await repositoryAt(access).list(), [snapshot])
    } finally {
      execFileSync('umount', [folder])
    }
  })

  it('refuses a dump whose manifest names other records', async () => {
    async function* wrong(): AsyncGenerator<Frame, Content[]> {
      const [content] = yield* recordsOf('orders')
      return [{ ...content!, count: RECORDS + 1 }]
    }
    const { snapshot } = await write(place.access, wrong())
    await assert.rejects(verifyDump(repositoryAt(place.access).read(snapshot)), /are not those of its manifest/)
  })
})

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
async function* recordsOf(name: string, count = RECORDS): AsyncGenerator<Frame, Content[]> {
  const records = new SetDigest()
  yield jsonFrame(FRAME.collection, { name })
  for (let number = 0; number < count; number++) {
    const payload = BSON.serialize({ _id: `ord_${number}`, secret: digestOf(Buffer.from(String(number))) })
    records.add(digestOf(payload), payload.length)
    yield { kind: FRAME.document, payload }
  }
  return [contentOf(name, records)]
}

/** Returns false for the error of a locked repository, and throws any other. */
function isLocked(error: Error): false {
  if (!/another process uses the repository/.test(error.message)) throw error
  return false
}

const snapshotsAndLocks = (location: string) => globSync('orders/{snapshots,locks}/*', { cwd: location })

function flipBits(file: string) {
  const bytes = readFileSync(file)
  for (let place = 10; place < bytes.length; place += 50) bytes[place]! ^= 0xff
  writeFileSync(file, bytes)
}
