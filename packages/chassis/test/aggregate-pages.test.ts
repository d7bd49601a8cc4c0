import assert from 'node:assert/strict'
import { findPage } from '../src/mongo/aggregate-pages.ts'
import { trace } from './counters.ts'
import { type Lamp, suiteOfLamps } from './lamps.ts'

describe('pages of aggregates', () => {
  const suite = suiteOfLamps()

  for (const [field, values] of Object.entries({
    name: ['a', 'b', 'b', 'c', 'd'],
    watts: [2, 10, 10, 30, 100],
    madeAt: [1, 2, 2, 3, 4].map(day => new Date(Date.UTC(2026, 0, day)))
  }))
    for (const direction of [1, -1] as const)
      it(`gives each aggregate once on pages sorted by ${field}, ${direction === 1 ? 'ascending' : 'descending'}`, async () => {
        const all = values.map((value, place) => ({
          state: { id: `l${place}`, name: 'x', [field]: value },
          events: []
        }))
        await suite.lamps.insertMany(all, trace)
        const seen: string[] = []
        for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
          const list = { filter: {}, sort: { field, direction }, limit: 2, cursor, scope: 'lamps' }
          const { items, nextCursor } = (await findPage(suite.lamps, list)) as { items: Lamp[]; nextCursor?: string }
          seen.push(...items.map(({ id }) => id))
          cursor = nextCursor
        }
        const inOrder = ['l0', 'l1', 'l2', 'l3', 'l4']
        assert.deepEqual(seen, direction === 1 ? inOrder : inOrder.reverse())
      })

  it('rejects an order by a field that an item does not have', async () => {
    for (const id of ['a', 'b']) await suite.lamps.insert({ id, name: 'x' }, [], trace)
    const list = {
      filter: {},
      sort: { field: 'wats', direction: 1 as const },
      limit: 1,
      cursor: undefined,
      scope: 'lamps'
    }
    await assert.rejects(findPage(suite.lamps, list), /sorted by wats, but a has no/)
  })
})
