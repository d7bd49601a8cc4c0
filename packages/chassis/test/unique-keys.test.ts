import assert from 'node:assert/strict'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import type { Collection } from 'mongodb'
import { Problem } from '../src/core/problem.ts'
import { refuseTaken, takenProblem, tryInsert } from '../src/mongo/unique-keys.ts'

const keys = { name: { type: 'name-taken', title: 'Another lamp has this name', pointer: '/body/name' } }

describe('unique keys', () => {
  let database: MongoDatabase
  let lamps: Collection<{ _id: string; name?: string; room?: string }>
  before(async () => {
    database = await mongoDatabase()
    lamps = database.db.collection('lamps')
    await lamps.createIndex({ name: 1, room: 1 }, { unique: true })
    await lamps.insertOne({ _id: 'a', name: 'desk', room: 'study' })
  })
  after(() => database.close())

  const isTaken = (error: unknown) =>
    error instanceof Problem && error.status === 409 && error.errors?.[0]?.pointer === '/body/name'

  it('give a 409 that names the place if they are taken, on insertion and on change', async () => {
    const refuse = refuseTaken(keys)
    await assert.rejects(lamps.insertOne({ _id: 'b', name: 'desk', room: 'study' }).catch(refuse), isTaken)
    await lamps.insertOne({ _id: 'c', name: 'wall', room: 'study' })
    await assert.rejects(lamps.updateOne({ _id: 'c' }, { $set: { name: 'desk' } }).catch(refuse), isTaken)
  })

  it('make a second insertion return false instead of rejecting', async () => {
    assert.equal(await tryInsert(lamps.insertOne({ _id: 'e', name: 'lantern' })), true)
    assert.equal(await tryInsert(lamps.insertOne({ _id: 'e', name: 'torch' })), false)
    assert.equal((await lamps.findOne({ _id: 'e' }))?.name, 'lantern')
    const fault = new Error('a fault of ours')
    await assert.rejects(tryInsert(Promise.reject(fault)), error => error === fault)
  })

  it('are distinguished from other keys and from other errors', async () => {
    const repeated = await lamps.insertOne({ _id: 'a', name: 'floor' }).catch(error => error)
    assert.equal(repeated.code, 11_000)
    assert.equal(takenProblem(keys)(repeated), repeated)
    const other = new Error('a fault of ours')
    assert.equal(takenProblem(keys)(other), other)
  })
})
