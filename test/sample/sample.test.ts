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
  it('is the same for the same hash, whatever the order of the pieces', () => {
    const [one, other] = [pieces(20), pieces(20).reverse()].map(all => sampleOf(all, 'abc', ['service-3'], budget))
    assert.deepEqual(one, other)
  })

  it('stays within its budget for any number of services', () => {
    for (const count of [5, 20, 200]) {
      const { any, changed } = sampleOf(pieces(count), 'abc', services(count), budget)
      assert.deepEqual([secondsOf(any), secondsOf(changed)], [180, 270])
    }
  })

  it('has the pieces of a service that changed, once', () => {
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

  it('has one piece though it is longer than the budget, so that each can be reached', () => {
    const long: Piece = { only: 'long', services: [], seconds: 1_000 }
    const found = hashes.map(hash => sampleOf([long, ...pieces(3)], hash, [], budget).any)
    assert.ok(found.some(([first]) => first === long))
    assert.ok(found.every(any => any[0] === long || !any.includes(long)))
  })
})

for (const [name, suite] of Object.entries(suites)) {
  describe(`the sample of ${name}`, () => {
    const { pieces, budget, always } = suite(stack)

    it('reaches every piece over time, without a change of its service', () => {
      const reached = new Set(hashes.flatMap(hash => sampleOf(pieces, hash, [], budget).any))
      assert.deepEqual(
        pieces.filter(piece => !reached.has(piece)),
        []
      )
    })

    it('has room for the longest piece, so that no run is longer than the plan says', () => {
      const longest = Math.max(...pieces.map(({ seconds }) => seconds))
      assert.ok(longest <= Math.min(budget.any, budget.changed), `${longest} s`)
    })

    it('has no two pieces with one name, and no name that is empty', () => {
      const names = [...always, ...pieces.map(piece => piece.only)]
      assert.equal(new Set(names).size, names.length)
      assert.ok(names.every(Boolean))
    })
  })
}

describe('ONLY, as a sample of faults or parts of a cluster says it,', () => {
  for (const suite of ['faults', 'test-cluster'] as const) {
    it(`takes the pieces of ${suite} that were chosen and no other`, () => {
      const all = suites[suite](stack).pieces.map(piece => ({ name: piece.only }))
      for (const { name } of all) assert.deepEqual(only(all, name), [{ name }])
    })
  }

  it('takes a text as a part of names where it is the name of none', () => {
    const all = [{ name: 'the store of orders is away' }, { name: 'orders is away' }, { name: 'orders dies' }]
    assert.deepEqual(only(all, 'is away'), all.slice(0, 2))
    assert.deepEqual(only(all, 'orders is away|dies'), all.slice(1))
    assert.deepEqual(only(all, ''), all)
  })
})
