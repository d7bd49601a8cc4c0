import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { requestKeyOf } from '../src/contract/idempotency.ts'
import type { Caller } from '../src/core/caller.ts'
import type { Problem } from '../src/core/problem.ts'

const ada: Caller = { kind: 'person', id: 'cus_ada', roles: ['customer'] }
const bob: Caller = { kind: 'person', id: 'cus_bob', roles: ['customer'] }

describe('requestKeyOf', () => {
  it('distinguishes callers, keys and contents, and recognises the same request', () => {
    const made = requestKeyOf('order-0001', ada)!.withInput({ a: 1 })
    assert.deepEqual(requestKeyOf('"order-0001"', ada)!.withInput({ a: 1 }), made)
    assert.notEqual(requestKeyOf('order-0001', bob)!.withInput({ a: 1 }).key, made.key)
    assert.notEqual(requestKeyOf('order-0002', ada)!.withInput({ a: 1 }).key, made.key)
    const other = requestKeyOf('order-0001', ada)!.withInput({ a: 2 })
    assert.equal(other.key, made.key)
    assert.notEqual(other.content, made.content)
  })

  it('is undefined without the header, and throws a 400 if the key is required', () => {
    assert.equal(requestKeyOf(undefined, ada), undefined)
    assert.throws(() => requestKeyOf(undefined, ada, true), { status: 400 })
  })

  const guest: Caller = { kind: 'anonymous' }

  it('accepts random keys from guests, and separates them from the keys of accounts', () => {
    for (const key of [
      randomUUID(),
      randomUUID().toUpperCase(),
      randomUUID().replaceAll('-', ''),
      randomBytes(16).toString('hex'),
      randomBytes(16).toString('base64url'),
      randomBytes(16).toString('base64'),
      `"${randomUUID()}"`,
      `checkout:${randomUUID()}`
    ]) {
      const made = requestKeyOf(key, guest)!.withInput({ a: 1 })
      assert.deepEqual(requestKeyOf(key, guest)!.withInput({ a: 1 }), made)
      assert.notEqual(requestKeyOf(key, ada)!.withInput({ a: 1 }).key, made.key)
    }
  })

  it('accepts every key of 128 random bits from guests', () => {
    for (let turn = 0; turn < 10_000; turn++) {
      const bytes = randomBytes(16)
      for (const encoding of ['hex', 'base64', 'base64url'] as const)
        assert.ok(requestKeyOf(bytes.toString(encoding), guest))
    }
  })

  for (const { key, what } of [
    { key: 'order-0001', what: 'a short key' },
    { key: 'order-0001-of-a-guest', what: 'a key of 21 characters' },
    { key: 'x'.repeat(64), what: 'one repeated character' },
    { key: 'checkout-'.repeat(4), what: 'a repeated word' },
    { key: '12345678901234567890123456789012', what: 'digits that repeat after ten' },
    { key: randomBytes(15).toString('hex'), what: '30 hexadecimal digits' },
    { key: randomBytes(16).toString('base64url').slice(1), what: '21 characters of base64url' },
    { key: 'c232ab00-9414-11ec-b3c8-9f6bdeced846', what: 'a UUID of version 1' },
    { key: '017f22e2-79b0-7cc3-98c4-dc0c0c07398f', what: 'a UUID of version 7' },
    { key: '00000000-0000-4000-8000-000000000001', what: 'a UUID that is a number' }
  ]) {
    it(`refuses ${what} from a guest, names the valid forms, and accepts it from an account`, () => {
      assert.ok(requestKeyOf(key, ada))
      assert.throws(
        () => requestKeyOf(key, guest),
        ({ status, errors }: Problem) =>
          status === 400 &&
          errors![0]!.pointer === '/headers/idempotency-key' &&
          /UUID of version 4.*32.*22/.test(errors![0]!.detail)
      )
    })
  }

  it('identifies a key of a resource by its text alone, whatever the input', () => {
    const { key } = requestKeyOf('order-0001', 'resource')!.withInput({ a: 1 })
    assert.equal(requestKeyOf('"order-0001"', 'resource')!.withInput({ a: 2 }).key, key)
    assert.notEqual(requestKeyOf('order-0001', ada)!.withInput({ a: 1 }).key, key)
    assert.throws(() => requestKeyOf('short', 'resource'), { status: 400 })
  })

  for (const header of ['', 'short', 'with spaces in it', 'x'.repeat(201), '{"$gt":""}']) {
    it(`refuses the key '${header.slice(0, 20)}' and names the header`, () => {
      assert.throws(
        () => requestKeyOf(header, ada),
        (error: Problem) => error.errors?.[0]?.pointer === '/headers/idempotency-key'
      )
    })
  }
})
