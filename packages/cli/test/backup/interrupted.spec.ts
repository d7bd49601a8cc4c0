import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '@bulkhead/testing/until'
import { FRAME, type Frame, jsonFrame } from '../../src/backup/dump/frames.ts'
import type { Content } from '../../src/backup/dump/manifest.ts'
import { RECORDS, recordsOf, repositoryAt, snapshotsAndLocks, writeDump } from './sample-dump.ts'
import { needRestic, temporaryRepository } from './temporary-repository.ts'

// Part of `make test-backups`, because restic derives its key for half a second in each call.
describe('a backup that does not end', () => {
  before(needRestic)

  let place: ReturnType<typeof temporaryRepository>

  beforeEach(() => {
    place = temporaryRepository()
  })

  afterEach(() => place.remove())

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
    await until(() => writeDump(place.access).then(() => true, isLocked))
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
    await assert.rejects(writeDump(access, endless()), /interrupted; nothing was kept/)
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
      const { snapshot } = await writeDump(access)
      await assert.rejects(writeDump(access, recordsOf('orders', 60_000)), /no space is left for the repository/)
      assert.deepEqual(await repositoryAt(access).list(), [snapshot])
    } finally {
      execFileSync('umount', [folder])
    }
  })
})

/** Returns false for the error of a locked repository, and throws any other. */
function isLocked(error: Error): false {
  if (!/another process uses the repository/.test(error.message)) throw error
  return false
}
