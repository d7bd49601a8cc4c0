import assert from 'node:assert/strict'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FRAME, type Frame, jsonFrame } from '../../src/backup/dump/frames.ts'
import type { Content } from '../../src/backup/dump/manifest.ts'
import { verifyDump } from '../../src/backup/dump/verify-dump.ts'
import { RECORDS, recordsOf, repositoryAt, snapshotsAndLocks, writeDump } from './sample-dump.ts'
import { needRestic, temporaryRepository } from './temporary-repository.ts'

describe('a backup that fails', () => {
  before(needRestic)

  let place: ReturnType<typeof temporaryRepository>

  beforeEach(() => {
    place = temporaryRepository()
  })

  afterEach(() => place.remove())

  const write = (records = recordsOf('orders')) => writeDump(place.access, records)

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

  it('says that the file with the password is missing, and not that there are no backups', async () => {
    await write()
    const passwordFile = join(place.folder, 'missing')
    assert.throws(
      () => repositoryAt({ ...place.access, passwordFile }),
      /password of the backups is missing: .*missing/
    )
  })

  it('leaves no snapshot and no lock if reading the store fails', async () => {
    async function* failing(): AsyncGenerator<Frame, Content[]> {
      yield jsonFrame(FRAME.collection, { name: 'orders' })
      throw new Error('The store is away')
    }
    await assert.rejects(write(failing()), /The store is away/)
    assert.deepEqual(snapshotsAndLocks(place.access.location), [])
  })

  it('refuses a dump whose manifest names other records', async () => {
    async function* wrong(): AsyncGenerator<Frame, Content[]> {
      const [content] = yield* recordsOf('orders')
      return [{ ...content!, count: RECORDS + 1 }]
    }
    const { snapshot } = await write(wrong())
    await assert.rejects(verifyDump(repositoryAt(place.access).read(snapshot)), /are not those of its manifest/)
  })
})

function flipBits(file: string) {
  const bytes = readFileSync(file)
  for (let place = 10; place < bytes.length; place += 50) bytes[place]! ^= 0xff
  writeFileSync(file, bytes)
}
