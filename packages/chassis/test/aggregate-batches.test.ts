import assert from 'node:assert/strict'
import { counted, trace } from './counters.ts'
import { type Lamp, suiteOfLamps } from './lamps.ts'

describe('batches of aggregates', () => {
  const suite = suiteOfLamps()

  it('inserts many aggregates, and reports those that it could not insert', async () => {
    await suite.lamps.insert({ id: 'b', name: 'old' }, [], trace)
    const results = await suite.lamps.insertMany(
      ['a', 'b', 'c'].map(id => ({ state: { id, name: id }, events: [counted] })),
      trace
    )
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled']
    )
    assert.equal((results[1] as PromiseRejectedResult).reason.code, 11000)
    assert.deepEqual(
      (await suite.lamps.byIds(['a', 'b', 'c'])).map(({ name }) => name),
      ['a', 'old', 'c']
    )
    assert.equal((await suite.lamps.collection.findOne({ _id: 'c' } as never))!.outbox!.length, 1)
  })

  it('changes many aggregates, and reports those that it could not change', async () => {
    await suite.lamps.insertMany(
      ['a', 'b', 'c'].map(id => ({ state: { id, name: id }, events: [] })),
      trace
    )
    const rule = (lamp: Lamp) => {
      if (lamp.id === 'b') throw new Error('not this one')
      return { state: { ...lamp, watts: 1 }, events: lamp.watts === 1 ? [] : [counted] }
    }
    const results = await suite.lamps.changeMany(['a', 'b', 'c', 'x'], rule, trace)
    assert.deepEqual(
      results.map(result => (result.status === 'fulfilled' ? result.value.version : result.reason.message)),
      [2, 'not this one', 2, 'Not found']
    )
    assert.deepEqual(
      (await suite.lamps.changeMany(['a', 'c'], rule, trace)).map(
        result => result.status === 'fulfilled' && result.value.version
      ),
      [2, 2]
    )
  })

  it('changes many aggregates while other requests change some of them', async () => {
    await suite.lamps.insertMany(
      ['a', 'b'].map(id => ({ state: { id, name: id }, events: [] })),
      trace
    )
    const ids = ['a', 'b', 'a']
    const rule = (lamp: Lamp) => ({ state: { ...lamp, watts: 1 }, events: lamp.watts === 1 ? [] : [counted] })
    const raced = suite.lamps.change(
      'b',
      undefined,
      lamp => ({ state: { ...lamp, name: 'raced' }, events: [counted] }),
      trace
    )
    const results = await suite.lamps.changeMany(ids, rule, trace)
    await raced
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'fulfilled']
    )
    assert.deepEqual(await suite.lamps.byIds(['a', 'b']), [
      { id: 'a', name: 'a', watts: 1, version: 2 },
      { id: 'b', name: 'raced', watts: 1, version: 3 }
    ])
  })
})
