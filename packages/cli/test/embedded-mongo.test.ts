import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Collection, MongoClient } from 'mongodb'
import { type Daemon, startDaemon } from '../src/processes/daemon.ts'
import { freePort } from '../src/processes/ports.ts'
import { findProgram } from '../src/processes/system-packages.ts'
import { embeddedMongoProgram } from '../src/stores/embedded-mongo.ts'

const ROOT = join(import.meta.dirname, '../../..')

describe('the embedded MongoDB server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-mongo-'))
  after(() => rmSync(folder, { recursive: true }))

  before(function () {
    if (findProgram('java')) return
    console.log('skipped: java is not on the PATH')
    this.skip()
  })

  const running: Daemon[] = []
  afterEach(() => Promise.all(running.splice(0).map(daemon => daemon.stop())))

  async function start(port: number) {
    const logFile = join(folder, `${port}.log`)
    const options = { root: ROOT, servers: [{ port, file: join(folder, 'data.mv') }], logFile, say: console.log }
    const daemon = await startDaemon(await embeddedMongoProgram(options))
    running.push(daemon)
    return daemon
  }

  it('keeps all acknowledged writes when it is killed', async () => {
    const port = await freePort()
    const killed = await start(port)
    const client = new MongoClient(`mongodb://127.0.0.1:${port}/shop`)
    const numbers = client.db().collection<{ _id: number }>('numbers')
    for (let number = 0; number < 100; number++) await numbers.insertOne({ _id: number })
    process.kill(killed.identity.pid, 'SIGKILL')
    await killed.ended
    await start(port)
    assert.equal(await numbers.countDocuments(), 100)
    await client.close()
  })

  it('accepts updates of a document while it writes that document to disk', async () => {
    const port = await freePort()
    await start(port)
    const client = new MongoClient(`mongodb://127.0.0.1:${port}/shop`)
    const texts = client.db().collection<{ _id: number; text: string; version: number }>('texts')
    const writer = async (_id: number) => {
      await texts.insertOne({ _id, text: 'x'.repeat(1_000), version: 0 })
      for (let version = 0; version < 100; version++) {
        const fields = Object.fromEntries(
          Array.from({ length: 20 }, (_, index) => [`${version % 2}-${index}`, version])
        )
        const removed = Object.fromEntries(
          Array.from({ length: 20 }, (_, index) => [`${(version + 1) % 2}-${index}`, '' as const])
        )
        await texts.updateOne({ _id, version }, { $set: { ...fields, version: version + 1 }, $unset: removed })
      }
    }
    await Promise.all(Array.from({ length: 32 }, (_, number) => writer(number)))
    assert.equal(await texts.countDocuments({ version: 100 }), 32)
    await client.close()
  })

  it('finds documents by a unique key together with the other fields of the query', async () => {
    const port = await freePort()
    await start(port)
    const client = new MongoClient(`mongodb://127.0.0.1:${port}/shop`)
    const products = client.db().collection<{ _id: string; version: number; handle: string }>('products')
    await products.createIndex({ handle: 1 }, { unique: true })
    await products.insertMany(['a', 'b'].map(name => ({ _id: name, version: 1, handle: `${name}-mug` })))
    const change = { $set: { version: 2 } }
    assert.equal((await products.updateOne({ _id: 'a', version: 7 }, change)).matchedCount, 0)
    assert.equal((await products.updateOne({ version: 1, _id: 'a' }, change)).matchedCount, 1)
    assert.deepEqual(await products.distinct('_id', { handle: { $in: ['a-mug', 'b-mug'] }, version: 1 }), ['b'])
    assert.equal((await products.findOne({ handle: 'a-mug', version: { $gt: 1 } }))?._id, 'a')
    await client.close()
  })

  describe('with a sparse index', () => {
    type Job = { _id: number; indexed?: unknown; plain?: unknown }
    const time = (second: number) => new Date(second * 1_000)
    const filters = [
      time(10),
      { $lte: time(11) },
      { $lt: time(11) },
      { $gt: time(11), $lte: time(26) },
      { $gte: time(26), $lt: time(11) },
      { $exists: true },
      { $exists: false },
      null,
      { $in: [time(10), time(11)] },
      { $ne: time(10) }
    ]

    /** Inserts jobs with the same times in an indexed field and in a plain field, and changes some of them. */
    async function makeJobs(jobs: Collection<Job>) {
      await jobs.createIndex({ indexed: 1 }, { sparse: true })
      await jobs.insertMany(
        Array.from({ length: 30 }, (_, _id) => (_id % 3 ? { _id, indexed: time(_id), plain: time(_id) } : { _id }))
      )
      await jobs.updateMany({ _id: { $in: [4, 5] } }, { $unset: { indexed: '', plain: '' } })
      await jobs.updateMany({ _id: { $in: [7, 9] } }, { $set: { indexed: time(100), plain: time(100) } })
      await jobs.deleteOne({ _id: 8 })
    }

    async function findBy(jobs: Collection<Job>, field: 'indexed' | 'plain', filter: unknown) {
      return jobs
        .find({ [field]: filter, _id: { $lt: 28 } })
        .sort({ _id: 1 })
        .toArray()
    }

    /** Fails unless each filter finds the same documents with the index as without it. */
    async function requireSameResults(jobs: Collection<Job>, wanted: unknown[]) {
      for (const filter of wanted) {
        const [byIndex, byScan] = [await findBy(jobs, 'indexed', filter), await findBy(jobs, 'plain', filter)]
        assert.deepEqual(byIndex, byScan, JSON.stringify(filter))
      }
    }

    it('finds the same documents with the index as without it, also after a restart', async () => {
      const port = await freePort()
      const first = await start(port)
      const client = new MongoClient(`mongodb://127.0.0.1:${port}/shop`)
      const jobs = client.db().collection<Job>('jobs')
      await makeJobs(jobs)
      await requireSameResults(jobs, filters)
      assert.equal(await jobs.countDocuments({ indexed: { $lte: time(11) } }), 4)
      await first.stop()
      await start(port)
      await requireSameResults(jobs, filters)
      const times = [time(1), time(50)]
      await jobs.updateOne({ _id: 1 }, { $set: { indexed: times, plain: times } })
      await requireSameResults(jobs, [...filters, time(50)])
      await client.close()
    })
  })

  it('prints in one line why it does not start', async () => {
    await start(await freePort())
    await assert.rejects(start(await freePort()), /embedded-mongo: cannot serve .*: The file is locked/)
  })
})
