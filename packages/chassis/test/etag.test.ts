import assert from 'node:assert/strict'
import fc from 'fast-check'
import { etagOf, expectedVersion, notModified, preconditionFailed } from '../src/contract/etag.ts'
import { Problem } from '../src/core/problem.ts'

const versions = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })

const is = (status: number, type: string, pointer?: string) => (error: unknown) =>
  error instanceof Problem && error.status === status && error.type === type && error.errors?.[0]?.pointer === pointer

describe('expectedVersion', () => {
  it('returns the version whose tag is in the header', () => {
    assert.equal(etagOf(7), '"7"')
    fc.assert(fc.property(versions, version => assert.equal(expectedVersion(etagOf(version)), version)))
  })

  it('throws a 428 without the header', () => {
    assert.throws(() => expectedVersion(undefined), is(428, 'precondition-required'))
  })

  it('throws a 400 for anything but one valid tag', () => {
    const malformed = is(400, 'invalid-input', '/headers/if-match')
    const bad = [
      '',
      '*',
      '7',
      '"7',
      '""',
      '"0"',
      '"07"',
      '"-7"',
      '"7.0"',
      '"1e3"',
      'W/"7"',
      '"7", "8"',
      '"7"\n',
      '"abc"'
    ]
    for (const header of bad) assert.throws(() => expectedVersion(header), malformed, header)
    assert.throws(() => expectedVersion('"9007199254740992"'), malformed)
    fc.assert(fc.property(fc.string(), text => assert.throws(() => expectedVersion(`x${text}`), malformed)))
  })
})

describe('preconditionFailed', () => {
  it('is a 412 that names the current version', () => {
    assert.ok(is(412, 'precondition-failed')(preconditionFailed(7)))
    assert.match(preconditionFailed(7).detail!, /version is now 7$/)
  })
})

describe('notModified', () => {
  it('is true if and only if the version is among the tags, weak or strong', () => {
    const tags = fc.array(fc.record({ version: fc.integer({ min: 1, max: 9 }), weak: fc.boolean() }), { maxLength: 5 })
    fc.assert(
      fc.property(tags, fc.integer({ min: 1, max: 9 }), fc.constantFrom(',', ', ', ' ,\t'), (given, version, comma) => {
        const header = given.map(tag => (tag.weak ? 'W/' : '') + etagOf(tag.version)).join(comma)
        assert.equal(
          notModified(header, version),
          given.some(tag => tag.version === version)
        )
      })
    )
  })

  it('is true for * and false without the header', () => {
    assert.equal(notModified('*', 7), true)
    assert.equal(notModified(undefined, 7), false)
  })

  it('is false for a header without a valid tag of the version', () => {
    for (const header of ['', '7', '"77"', '"7', '"*"', '"a,7"', 'w/"7"', '"7"x', '*, "8"']) {
      assert.equal(notModified(header, 7), false, header)
    }
  })
})
