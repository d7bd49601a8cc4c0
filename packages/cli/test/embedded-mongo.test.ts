import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { type Daemon, startDaemon } from '../src/daemon.ts'
import { embeddedMongoProgram } from '../src/embedded-mongo.ts'
import { freePort } from '../src/ports.ts'
import { findProgram } from '../src/system-packages.ts'

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

  it('keeps what it has acknowledged when it is killed', async () => {
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

  it('takes updates of documents that it is just writing to disk', async () => {
    const port = await freePort()
    await start(port)
    const client = new MongoClient(`mongodb://127.0.0.1:${port}/shop`)
    const texts = client.db().collection<{ _id: number; text: string; version: number }>('texts')
    const writer = async (_id: number) => {
      await texts.insertOne({ _id, text: 'x'.repeat(1_000), version: 0 })
      for (let version = 0; version < 100; version++) {
        const fields = Object.fromEntries(
          Array.from({ length: 20 }, (_, place) => [`${version % 2}-${place}`, version])
        )
        const gone = Object.fromEntries(
          Array.from({ length: 20 }, (_, place) => [`${(version + 1) % 2}-${place}`, '' as const])
        )
        await texts.updateOne({ _id, version }, { $set: { ...fields, version: version + 1 }, $unset: gone })
      }
    }
    await Promise.all(Array.from({ length: 32 }, (_, number) => writer(number)))
    assert.equal(await texts.countDocuments({ version: 100 }), 32)
    await client.close()
  })

  it('finds by a unique key and whatever else the query asks', async () => {
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

  it('finds the same by a sparse index as by reading all, also after a restart', async () => {
    const port = await freePort()
    const killed = await start(port)
    const client = new MongoClient(`mongodb://127.0.0.1:${port}/shop`)
    type Job = { _id: number; due?: unknown; same?: unknown }
    const jobs = client.db().collection<Job>('jobs')
    await jobs.createIndex({ due: 1 }, { sparse: true })
    const at = (second: number) => new Date(second * 1_000)
    await jobs.insertMany(
      Array.from({ length: 30 }, (_, _id) => (_id % 3 ? { _id, due: at(_id), same: at(_id) } : { _id }))
    )
    await jobs.updateMany({ _id: { $in: [4, 5] } }, { $unset: { due: '', same: '' } })
    await jobs.updateMany({ _id: { $in: [7, 9] } }, { $set: { due: at(100), same: at(100) } })
    await jobs.deleteOne({ _id: 8 })
    const questions = [
      at(10),
      { $lte: at(11) },
      { $lt: at(11) },
      { $gt: at(11), $lte: at(26) },
      { $gte: at(26), $lt: at(11) },
      { $exists: true },
      { $exists: false },
      null,
      { $in: [at(10), at(11)] },
      { $ne: at(10) }
    ]
    const check = async () => {
      for (const asked of questions) {
        const [found, all] = await Promise.all(
          ['due', 'same'].map(field =>
            jobs
              .find({ [field]: asked, _id: { $lt: 28 } })
              .sort({ _id: 1 })
              .toArray()
          )
        )
        assert.deepEqual(found, all, JSON.stringify(asked))
      }
    }
    await check()
    assert.equal(await jobs.countDocuments({ due: { $lte: at(11) } }), 4)
    await killed.stop()
    await start(port)
    await check()
    await jobs.updateOne({ _id: 1 }, { $set: { due: [at(1), at(50)], same: [at(1), at(50)] } })
    questions.push(at(50))
    await check()
    await client.close()
  })

  it('says in one line why it does not start', async () => {
    await start(await freePort())
    await assert.rejects(start(await freePort()), /embedded-mongo: cannot serve .*: The file is locked/)
  })
})
