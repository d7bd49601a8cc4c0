import assert from 'node:assert/strict'
import { join } from 'node:path'
import { readStack } from '../../packages/cli/src/services/stack.ts'
import { only } from '../only.ts'
import { type Piece, sampleOf, secondsOf } from './sample.ts'
import { suites } from './suites.ts'

const stack = readStack(join(import.meta.dirname, '../..'), 4000)
const hashes = Array.from({ length: 300 }, (_, number) => `hash-${number}`)
const services = (count: number) => Array.from({ length: count }, (_, number) => `service-${number}`)
const pieces = (count: number): Piece[] => services(count).map(name => ({ only: name, services: [name], seconds: 90 }))
const budget = { any: 180, changed: 270 }

describe('a sample', () => {
  it('is the same for the same hash, for any order of the pieces', () => {
    const [one, other] = [pieces(20), pieces(20).reverse()].map(all => sampleOf(all, 'abc', ['service-3'], budget))
    assert.deepEqual(one, other)
  })

  it('stays within its budget for any number of services', () => {
    for (const count of [5, 20, 200]) {
      const { any, changed } = sampleOf(pieces(count), 'abc', services(count), budget)
      assert.deepEqual([secondsOf(any), secondsOf(changed)], [180, 270])
    }
  })

  it('has each piece of a changed service exactly once', () => {
    const changed = ['service-3', 'service-4', 'service-5']
    for (const hash of hashes) {
      const sample = sampleOf(pieces(20), hash, changed, budget)
      const chosen = [...sample.any, ...sample.changed].map(piece => piece.only)
      assert.equal(new Set(chosen).size, chosen.length)
      assert.deepEqual(
        changed.filter(name => !chosen.includes(name)),
        []
      )
    }
  })

  it('includes its first piece even if that exceeds the budget, so that some hashes choose each piece', () => {
    const long: Piece = { only: 'long', services: [], seconds: 1_000 }
    const found = hashes.map(hash => sampleOf([long, ...pieces(3)], hash, [], budget).any)
    assert.ok(found.some(([first]) => first === long))
    assert.ok(found.every(any => any[0] === long || !any.includes(long)))
  })
})

for (const [name, suite] of Object.entries(suites)) {
  describe(`the sample of ${name}`, () => {
    const { pieces, budget, always } = suite(stack)

    it('includes every piece for some hashes, even if no service changes', () => {
      const reached = new Set(hashes.flatMap(hash => sampleOf(pieces, hash, [], budget).any))
      assert.deepEqual(
        pieces.filter(piece => !reached.has(piece)),
        []
      )
    })

    it('has a budget for the longest piece, so that no run takes longer than planned', () => {
      const longest = Math.max(...pieces.map(({ seconds }) => seconds))
      assert.ok(longest <= Math.min(budget.any, budget.changed), `${longest} s`)
    })

    it('has pieces with unique names that are not empty', () => {
      const names = [...always, ...pieces.map(piece => piece.only)]
      assert.equal(new Set(names).size, names.length)
      assert.ok(names.every(Boolean))
    })
  })
}

describe('ONLY', () => {
  for (const suite of ['faults', 'test-cluster'] as const) {
    it(`chooses only one piece of ${suite} by its whole name`, () => {
      const all = suites[suite](stack).pieces.map(piece => ({ name: piece.only }))
      for (const { name } of all) assert.deepEqual(only(all, name), [{ name }])
    })
  }

  it('chooses all items whose names contain a text that is not the name of an item', () => {
    const all = [{ name: 'the store of orders is away' }, { name: 'orders is away' }, { name: 'orders dies' }]
    assert.deepEqual(only(all, 'is away'), all.slice(0, 2))
    assert.deepEqual(only(all, 'orders is away|dies'), all.slice(1))
    assert.deepEqual(only(all, ''), all)
  })
})
