import assert from 'node:assert/strict'
import { NO_EFFECT } from '../drill.ts'
import { countsOf, undeclared } from './effect.ts'

const failed = [
  { step: 'place order', reason: '503 store-unavailable', at: 1 },
  { step: 'place order', reason: '503 store-unavailable', at: 2 },
  { step: 'place order', reason: '500 internal', at: 3 },
  { step: 'products', reason: 'ECONNREFUSED', at: 4 }
]

describe('the effect of a drill', () => {
  it('is counted by step and status', () =>
    assert.deepEqual(countsOf(failed), ['2 × place order 503', '1 × place order 500', '1 × products ECONNREFUSED']))

  it('may only be what is declared', () =>
    assert.deepEqual(undeclared(failed, { steps: ['place order'], reasons: [503] }), [
      'undeclared effect: 1 × place order 500',
      'undeclared effect: 1 × products ECONNREFUSED'
    ]))

  it('may be declared for every step', () =>
    assert.deepEqual(undeclared(failed, { steps: 'all', reasons: [503, 500, 'ECONNREFUSED'] }), []))

  it('is a finding if none is declared', () => assert.equal(undeclared(failed, NO_EFFECT).length, 3))
})
