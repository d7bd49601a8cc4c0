import assert from 'node:assert/strict'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import type { Db } from 'mongodb'
import { Problem } from '../src/core/problem.ts'
import { findPage } from '../src/mongo/aggregate-pages.ts'
import type { Aggregates } from '../src/mongo/aggregates.ts'
import { counted, removed, trace } from './counters.ts'
import { type Lamp, lampsIn } from './lamps.ts'

/** The current run of the log; undefined while the log is unavailable. */
let present: string | undefined
const run = async () => present ?? assert.fail('away')

describe('aggregates', () => {
  let database: MongoDatabase
  let db: Db
  let lamps: Aggregates<Lamp>

  before(async () => {
    database = await mongoDatabase()
    db = database.db
  })
  beforeEach(async () => {
    present = 'r'
    await db.dropDatabase()
    lamps = lampsIn(db, { run, cap: 3 })
  })
  after(() => database.close())

  const stored = (id: string) => lamps.collection.findOne({ _id: id } as never)
  const rename = (name: string) => (lamp: Lamp) => ({ state: { ...lamp, name }, events: [counted] })
  const is = (status: number, type: string) => (error: unknown) =>
    error instanceof Problem && error.status === status && error.type === type

  it('reads an inserted aggregate as version 1, without its outbox', async () => {
    assert.deepEqual(await lamps.insert({ id: 'a', name: 'desk', watts: 9 }, [counted], trace), {
      id: 'a',
      name: 'desk',
      watts: 9,
      version: 1
    })
    assert.deepEqual(await lamps.byId('a'), { id: 'a', name: 'desk', watts: 9, version: 1 })
    assert.equal(await lamps.byId('b'), null)
  })

  it('refuses a second aggregate with the same ID with code 11000', async () => {
    await lamps.insert({ id: 'a', name: 'desk' }, [], trace)
    await assert.rejects(lamps.insert({ id: 'a', name: 'wall' }, [], trace), { code: 11000 })
  })

  describe('with the key of a request', () => {
    const lamp = (id: string) => ({ id, name: 'desk' })
    const first = { key: 'k', content: 'desk' }
    beforeEach(() => lamps.indexKeys())

    it('inserts one aggregate for equal requests at the same time, and gives all of them the same answer', async () => {
      const ids = ['a', 'b', 'c', 'd', 'e']
      const answers = await Promise.all(ids.map(id => lamps.insert(lamp(id), [counted], trace, first)))
      assert.equal(await lamps.collection.countDocuments(), 1)
      for (const answer of answers) assert.deepEqual(answer, await lamps.byId(answers[0]!.id))
      assert.ok(!('madeBy' in answers[0]!))
    })

    it('rejects if the answer to its write is lost, because the document may be rolled back', async () => {
      const lost = new Error('The connection closed')
      const real = lamps.collection
      const insertOne = async (document: never) => {
        await real.insertOne(document)
        throw lost
      }
      const collection = new Proxy(real, {
        get: (_, name) => (name === 'insertOne' ? insertOne : Reflect.get(real, name))
      })
      const lossy = lampsIn({ collection: () => collection } as unknown as Db)
      await assert.rejects(lossy.insert(lamp('a'), [], trace, first), lost)
      assert.deepEqual(await lamps.insert(lamp('b'), [], trace, first), { ...lamp('a'), version: 1 })
    })

    it('refuses a different request with the same key with 422, and accepts requests with other keys or none', async () => {
      await lamps.insert(lamp('a'), [], trace, first)
      await assert.rejects(
        lamps.insert(lamp('b'), [], trace, { key: 'k', content: 'wall' }),
        is(422, 'idempotency-key-reused')
      )
      await lamps.insert(lamp('b'), [], trace, { key: 'l', content: 'wall' })
      await lamps.insert(lamp('c'), [], trace)
      await lamps.insert(lamp('d'), [], trace)
      await assert.rejects(lamps.insert(lamp('a'), [], trace, { key: 'm', content: 'desk' }), { code: 11000 })
    })

    it('keeps the key through changes, and does not make a removed aggregate again', async () => {
      await lamps.insert(lamp('a'), [], trace, first)
      await lamps.change('a', 1, rename('wall'), trace)
      assert.equal((await lamps.insert(lamp('b'), [], trace, first)).name, 'wall')
      await lamps.remove('a', 2, [removed], trace)
      await assert.rejects(lamps.insert(lamp('b'), [], trace, first), is(409, 'made-and-removed'))
    })
  })

  it('stores state and event in one document', async () => {
    await lamps.insert({ id: 'a', name: 'desk' }, [counted], trace)
    await lamps.change('a', 1, rename('wall'), trace)
    const { outbox, ...fields } = (await stored('a'))!
    assert.deepEqual(fields, { _id: 'a', name: 'wall', version: 2, schemaVersion: 1 })
    assert.deepEqual(
      outbox!.map(({ type, version, traceparent }) => ({ type, version, traceparent })),
      [
        { type: counted.type, version: 1, ...trace },
        { type: counted.type, version: 2, ...trace }
      ]
    )
  })

  it('removes a field that the new state no longer has', async () => {
    await lamps.insert({ id: 'a', name: 'desk', watts: 9 }, [], trace)
    await lamps.change('a', undefined, ({ id, name }) => ({ state: { id, name }, events: [] }), trace)
    assert.deepEqual(await lamps.byId('a'), { id: 'a', name: 'desk', version: 2 })
  })

  it('keeps the fields that other releases have stored in a document', async () => {
    await lamps.insert({ id: 'a', name: 'desk' }, [], trace)
    await db.collection<{ _id: string }>('lamps').updateOne({ _id: 'a' }, { $set: { colour: 'red' } })
    await lamps.change('a', undefined, rename('wall'), trace)
    assert.equal((await db.collection<{ _id: string; colour?: string }>('lamps').findOne({ _id: 'a' }))!.colour, 'red')
  })

  it('writes nothing for an unchanged state without events', async () => {
    await lamps.insert({ id: 'a', name: 'desk' }, [], trace)
    assert.equal(
      (await lamps.change('a', 1, state => ({ state: { ...state, watts: undefined } as Lamp, events: [] }), trace))
        .version,
      1
    )
  })

  it('throws a 412 for a version other than the expected one, and a 404 for a missing aggregate', async () => {
    await lamps.insert({ id: 'a', name: 'desk' }, [], trace)
    await assert.rejects(lamps.change('a', 2, rename('wall'), trace), is(412, 'precondition-failed'))
    await assert.rejects(lamps.change('b', undefined, rename('wall'), trace), is(404, 'not-found'))
  })

  it('lets owners read, change and remove only their own aggregates, and reveals the versions of no others', async () => {
    const mine = lamps.owned(({ name }) => name === 'mine')
    for (const [id, name] of [
      ['a', 'mine'],
      ['b', 'other']
    ] as const)
      await lamps.insert({ id, name }, [], trace)
    const brighter = (lamp: Lamp) => ({ state: { ...lamp, watts: 9 }, events: [] })
    assert.equal(await mine.byId('b'), null)
    for (const expected of [undefined, 1, 7]) {
      await assert.rejects(mine.change('b', expected, brighter, trace), is(404, 'not-found'))
      await assert.rejects(mine.remove('b', expected, [removed], trace), is(404, 'not-found'))
    }
    assert.deepEqual(await lamps.byId('b'), { id: 'b', name: 'other', version: 1 })
    await assert.rejects(mine.change('a', 7, brighter, trace), is(412, 'precondition-failed'))
    assert.equal((await mine.change('a', 1, brighter, trace)).watts, 9)
    await mine.remove('a', 2, [removed], trace)
    assert.equal(await mine.byId('a'), null)
  })

  it('changes a given aggregate without reading it, and reads it only if it has changed since', async () => {
    const first = await lamps.insert({ id: 'a', name: 'desk' }, [], trace)
    const second = await lamps.change(first, undefined, rename('wall'), trace)
    assert.deepEqual([second.name, second.version], ['wall', 2])
    const same = (lamp: Lamp) => ({ state: lamp, events: [] })
    assert.equal((await lamps.change(second, undefined, same, trace)).version, 2)
    const names: string[] = []
    const longer = (lamp: Lamp) => {
      names.push(lamp.name)
      return { state: { ...lamp, name: `${lamp.name}s` }, events: [counted] }
    }
    assert.equal((await lamps.change(first, undefined, longer, trace)).name, 'walls')
    assert.deepEqual(names, ['desk', 'wall'])
    assert.deepEqual([(await lamps.byId('a'))!.version, (await stored('a'))!.outbox!.length], [3, 2])
  })

  it('loses none of 30 changes at once, and gives each a different version', async () => {
    lamps = lampsIn(db, { run, cap: 40 })
    await lamps.insert({ id: 'a', name: 'desk', watts: 0 }, [], trace)
    const brighter = (lamp: Lamp) => ({ state: { ...lamp, watts: lamp.watts! + 1 }, events: [counted] })
    const changed = await Promise.all(Array.from({ length: 30 }, () => lamps.change('a', undefined, brighter, trace)))
    assert.deepEqual(await lamps.byId('a'), { id: 'a', name: 'desk', watts: 30, version: 31 })
    assert.equal(new Set(changed.map(({ version }) => version)).size, 30)
  })

  it('gives a 412 to all but one of 10 changes at once that expect the same version', async () => {
    await lamps.insert({ id: 'a', name: 'desk' }, [], trace)
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => lamps.change('a', 1, rename('wall'), trace))
    )
    const refused = results.filter(result => result.status === 'rejected')
    assert.equal(refused.length, 9)
    for (const { reason } of refused) assert.ok(is(412, 'precondition-failed')(reason), String(reason))
  })

  it('throws a 503 while the outbox is full of unsent events, but accepts changes without events', async () => {
    await lamps.insert({ id: 'a', name: 'desk' }, [counted], trace)
    await lamps.change('a', undefined, rename('one'), trace)
    await lamps.change('a', undefined, rename('two'), trace)
    await assert.rejects(lamps.change('a', undefined, rename('three'), trace), is(503, 'unavailable'))
    await assert.rejects(lamps.remove('a', undefined, [removed], trace), is(503, 'unavailable'))
    await lamps.change('a', undefined, state => ({ state: { ...state, watts: 1 }, events: [] }), trace)
    assert.deepEqual(await lamps.byId('a'), { id: 'a', name: 'two', watts: 1, version: 4 })
  })

  /** Stores a lamp with a full outbox. Its events up to `last` were sent to run `r` of the log. */
  async function fullLamp(last: number) {
    await lamps.insert({ id: 'a', name: 'desk' }, [counted], trace)
    await lamps.change('a', undefined, rename('one'), trace)
    await lamps.change('a', undefined, rename('two'), trace)
    const sent = Array.from({ length: last }, (_, place) => [
      [`outbox.${place}.run`, 'r'],
      [`outbox.${place}.sentAt`, new Date()]
    ])
    await lamps.collection.updateOne({ _id: 'a' } as never, { $set: Object.fromEntries(sent.flat()) } as never)
  }
  const kept = async () => (await stored('a'))!.outbox!.map(({ version }) => version)

  it('drops sent events from a full outbox', async () => {
    await fullLamp(1)
    await lamps.change('a', undefined, rename('three'), trace)
    assert.deepEqual(await kept(), [2, 3, 4])
  })

  for (const [title, other] of [
    ['keeps sent events after a restart of the log, which may have lost them, and throws a 503', 'another'],
    ['keeps sent events while the log is unavailable, and throws a 503', undefined]
  ] as const) {
    it(title, async () => {
      await fullLamp(3)
      present = other
      await assert.rejects(lamps.change('a', undefined, rename('three'), trace), is(503, 'unavailable'))
      assert.deepEqual(await kept(), [1, 2, 3])
      present = 'r'
      await lamps.change('a', undefined, rename('three'), trace)
      assert.deepEqual(await kept(), [4])
    })
  }

  it('removes all state and leaves a tombstone that no read shows', async () => {
    await lamps.insert({ id: 'a', name: 'desk', watts: 9 }, [], trace)
    await lamps.remove('a', 1, [removed], trace)
    assert.equal(await lamps.byId('a'), null)
    assert.deepEqual(await lamps.byIds(['a']), [])
    assert.deepEqual(await lamps.find({}).toArray(), [])
    await assert.rejects(lamps.change('a', undefined, rename('wall'), trace), is(404, 'not-found'))
    const { removedAt, outbox, ...fields } = (await stored('a'))!
    assert.deepEqual(fields, { _id: 'a', version: 2, schemaVersion: 1 })
    assert.ok(removedAt instanceof Date)
    assert.equal(outbox![0]!.type, removed.type)
  })

  it('accepts a repeated removal, and throws a 404 for any other removal of a missing aggregate', async () => {
    await lamps.insert({ id: 'a', name: 'desk' }, [counted], trace)
    await assert.rejects(lamps.remove('a', 2, [removed], trace), is(412, 'precondition-failed'))
    await Promise.all([1, 2].map(() => lamps.remove('a', 1, [removed], trace)))
    for (const expected of [1, undefined]) await lamps.remove('a', expected, [removed], trace)
    await assert.rejects(lamps.remove('a', 2, [removed], trace), is(404, 'not-found'))
    await assert.rejects(lamps.remove('b', undefined, [removed], trace), is(404, 'not-found'))
    assert.deepEqual(
      (await stored('a'))!.outbox!.map(({ type }) => type),
      [counted.type, removed.type]
    )
  })

  it('frees the unique keys of a removed aggregate, even if there are other tombstones', async () => {
    await lamps.collection.createIndex({ name: 1 }, { unique: true, sparse: true })
    for (const id of ['a', 'b', 'c']) {
      await lamps.insert({ id, name: 'desk' }, [], trace)
      await assert.rejects(lamps.insert({ id: 'd', name: 'desk' }, [], trace), { code: 11000 })
      await lamps.remove(id, 1, [removed], trace)
    }
    const { items } = await findPage(lamps, {
      filter: {},
      sort: { field: '_id', direction: 1 },
      limit: 10,
      cursor: undefined,
      scope: 'lamps'
    })
    assert.deepEqual(items, [])
  })

  it('reads aggregates in the order of the given IDs, and finds aggregates by field', async () => {
    await lamps.insertMany(
      ['a', 'b', 'c'].map(id => ({ state: { id, name: `lamp ${id}` }, events: [] })),
      trace
    )
    assert.deepEqual(
      (await lamps.byIds(['c', 'x', 'a'])).map(({ id }) => id),
      ['c', 'a']
    )
    assert.deepEqual(
      await lamps
        .find({ name: { $ne: 'lamp b' } })
        .sort({ _id: -1 })
        .limit(1)
        .toArray(),
      [{ id: 'c', name: 'lamp c', version: 1 }]
    )
  })
})
