import assert from 'node:assert/strict'
import { once } from '../src/mongo/once.ts'

type Sum = { total: number; handled?: string[] }

describe('effects of events', () => {
  const add = (sum: Sum) => ({ state: { ...sum, total: sum.total + 1 }, events: [] })

  it('happen once for each event, and keep a bounded number of event IDs', () => {
    let sum: Sum = { total: 0 }
    for (const id of ['a', 'b', 'a', 'b', 'c', 'c']) sum = once(sum, { id }, add, 2).state
    assert.deepEqual(sum, { total: 3, handled: ['b', 'c'] })
  })

  it('do not change a state that has handled the event', () => {
    const sum = { total: 1, handled: ['a'] }
    assert.deepEqual(once(sum, { id: 'a' }, add), { state: sum, events: [] })
  })
})
