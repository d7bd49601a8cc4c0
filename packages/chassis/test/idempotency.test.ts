import assert from 'node:assert/strict'
import type { Caller } from '../src/caller.ts'
import { requestKeyOf } from '../src/idempotency.ts'
import type { Problem } from '../src/problem.ts'

const ada: Caller = { kind: 'person', id: 'cus_ada', roles: ['customer'] }
const bob: Caller = { kind: 'person', id: 'cus_bob', roles: ['customer'] }

describe('requestKeyOf', () => {
  it('tells callers, keys and contents apart, and the same request alike', () => {
    const made = requestKeyOf('order-0001', ada)!.of({ a: 1 })
    assert.deepEqual(requestKeyOf('"order-0001"', ada)!.of({ a: 1 }), made)
    assert.notEqual(requestKeyOf('order-0001', bob)!.of({ a: 1 }).key, made.key)
    assert.notEqual(requestKeyOf('order-0002', ada)!.of({ a: 1 }).key, made.key)
    const other = requestKeyOf('order-0001', ada)!.of({ a: 2 })
    assert.equal(other.key, made.key)
    assert.notEqual(other.content, made.content)
  })

  it('is undefined without the header, and refused where it is required', () => {
    assert.equal(requestKeyOf(undefined, ada), undefined)
    assert.throws(() => requestKeyOf(undefined, ada, true), { status: 400 })
  })

  it('takes from a guest, who shares keys with all guests, only one that is none of theirs by chance', () => {
    const guest: Caller = { kind: 'anonymous' }
    for (const header of ['abc', 'order-0001', 'x'.repeat(15), `"${'x'.repeat(15)}"`]) {
      if (header.length > 3) assert.ok(requestKeyOf(header, ada))
      assert.throws(
        () => requestKeyOf(header, guest),
        ({ status, errors }: Problem) =>
          status === 400 && errors![0]!.pointer === '/headers/idempotency-key' && /\b16\b/.test(errors![0]!.detail)
      )
    }
    const made = requestKeyOf('x'.repeat(16), guest)!.of({ a: 1 })
    assert.deepEqual(requestKeyOf('x'.repeat(16), guest)!.of({ a: 1 }), made)
    assert.notEqual(requestKeyOf('x'.repeat(16), ada)!.of({ a: 1 }).key, made.key)
  })

  for (const header of ['', 'short', 'with spaces in it', 'x'.repeat(201), '{"$gt":""}']) {
    it(`refuses ${header.slice(0, 20) || 'nothing'} and names the header`, () => {
      assert.throws(
        () => requestKeyOf(header, ada),
        (error: Problem) => error.errors?.[0]?.pointer === '/headers/idempotency-key'
      )
    })
  }
})
