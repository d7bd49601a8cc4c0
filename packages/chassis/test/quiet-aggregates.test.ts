import assert from 'node:assert/strict'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { quietAggregates } from '../src/mongo/quiet-aggregates.ts'
import { clock } from './counters.ts'

type Lamp = { id: string; lit: boolean; watts?: number }

describe('quietAggregates', () => {
  let database: MongoDatabase
  const lamps = () => quietAggregates<Lamp>({ db: database.db, collection: 'lamps', schemaVersion: 1, clock })

  before(async () => {
    database = await mongoDatabase()
  })
  beforeEach(async () => {
    await database.db.dropDatabase()
    await lamps().indexKeys()
  })
  after(() => database.close())

  it('are created once for each key of a request, and can be found', async () => {
    const [first, again] = [
      { id: 'a', lit: false },
      { id: 'b', lit: false }
    ]
    const madeBy = { key: 'k', content: 'c' }
    assert.deepEqual(await lamps().insert(first, madeBy), { ...first, version: 1 })
    assert.deepEqual(await lamps().insert(again, madeBy), { ...first, version: 1 })
    assert.deepEqual(await lamps().find({ lit: false }).toArray(), [{ ...first, version: 1 }])
  })

  it('change any number of times by rules that return the state, and keep no events', async () => {
    await lamps().insert({ id: 'a', lit: false })
    for (let turn = 0; turn < 40; turn++) await lamps().change('a', lamp => ({ ...lamp, lit: !lamp.lit, watts: turn }))
    assert.equal((await lamps().change('a', lamp => lamp)).version, 41)
    assert.deepEqual(await lamps().byId('a'), { id: 'a', lit: false, watts: 39, version: 41 })
    assert.ok(!('outbox' in (await lamps().collection.findOne({ _id: 'a' }))!))
  })
})
