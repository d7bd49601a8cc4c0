import assert from 'node:assert/strict'
import fc from 'fast-check'
import { defineEvent } from '../src/contract/events.ts'
import { aggregateOf, difference, documentOf, edited } from '../src/mongo/aggregate-document.ts'

const value = fc.oneof(
  fc.integer(),
  fc.string(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
  fc.array(fc.integer())
)
const state = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), value).map(fields => ({ id: 'x', ...fields }))

describe('difference', () => {
  it('has the fields that turn any state into any other state', () => {
    fc.assert(
      fc.property(state, state, (before, after) => {
        const { $set = {}, $unset = {} } = difference(before, after) ?? {}
        const changed: Record<string, unknown> = { ...before, ...$set }
        for (const field of Object.keys($unset)) delete changed[field]
        assert.deepEqual(changed, after)
      })
    )
  })

  it('is undefined for equal states of any version, and counts an undefined field as missing', () => {
    fc.assert(
      fc.property(state, same => assert.equal(difference({ ...same, version: 1 }, structuredClone(same)), undefined))
    )
    assert.equal(difference({ id: 'x' }, { id: 'x', a: undefined }), undefined)
  })
})

describe('edited', () => {
  const event = defineEvent({ type: 'counting.counter.renamed', summary: '' })

  it('has the event if a field has changed, is new or was removed', () => {
    const before = { id: 'x', a: 1, b: { c: 2 } }
    for (const state of [
      { ...before, a: 2 },
      { ...before, d: 3 },
      { ...before, a: undefined },
      { ...before, b: {} }
    ])
      assert.deepEqual(edited<object>(before, state, event).events, [event])
  })

  it('has no event if a field that was missing is undefined', () => {
    assert.deepEqual(edited<object>({ id: 'x', a: 1 }, { id: 'x', a: 1, b: undefined }, event).events, [])
  })
})

describe('documentOf', () => {
  it('makes a document from which the same state can be read', () => {
    fc.assert(
      fc.property(state, before => {
        assert.deepEqual(aggregateOf(documentOf(before, 1, [])), { ...before, version: 1 })
      })
    )
  })
})
