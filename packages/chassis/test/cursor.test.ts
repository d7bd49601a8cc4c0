import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeCursor, encodeCursor, type SortValue } from '../src/contract/cursor.ts'
import { Problem } from '../src/core/problem.ts'

const scope = { list: 'products', status: 'published' }
const values = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.integer(),
    // JSON has no -0.
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter(value => !Object.is(value, -0)),
    fc.boolean(),
    fc.constant(null)
  ),
  { maxLength: 5 }
)

function assertRefused(text: string, message?: string) {
  assert.throws(
    () => decodeCursor(text, scope),
    error => error instanceof Problem && error.status === 400 && error.errors?.[0]?.pointer === '/query/cursor',
    message ?? text
  )
}

/** Encodes any content as a cursor is encoded. */
const raw = (content: string | Uint8Array) => Buffer.from(content as string).toString('base64url')

/** The digest of `scope` in a cursor. */
const digest = JSON.parse(Buffer.from(encodeCursor([], scope), 'base64url').toString())[0]

describe('cursors', () => {
  it('keep their values, and need no encoding in a URL', () => {
    fc.assert(
      fc.property(values, given => {
        const text = encodeCursor(given, scope)
        assert.match(text, /^[\w-]{1,1024}$/)
        assert.deepEqual(decodeCursor(text, scope), given)
      })
    )
  })

  it('are valid for the same filters in any order, with undefined filters or without', () => {
    const text = encodeCursor(['a'], scope)
    assert.deepEqual(decodeCursor(text, { family: undefined, status: 'published', list: 'products' }), ['a'])
  })

  it('are refused for other filters', () => {
    for (const other of ['products', {}, { ...scope, status: 'draft' }, { ...scope, family: 'lamps' }]) {
      assertRefused(encodeCursor(['a'], other), JSON.stringify(other))
    }
  })

  it('are refused if a character is changed, missing or added', () => {
    const text = encodeCursor(['lamp', 7], scope)
    const tail = fc.constantFrom('A', '=', ' ', '\n', '%')
    fc.assert(fc.property(tail, added => assertRefused(text + added)))
    fc.assert(fc.property(fc.nat(text.length - 1), length => assertRefused(text.slice(0, length))))
    // A change after the digest may give a different place in the same list. A change in the digest never does.
    fc.assert(
      fc.property(fc.nat(20), place => {
        assertRefused(text.slice(0, place) + (text[place] === 'A' ? 'B' : 'A') + text.slice(place + 1))
      })
    )
  })

  it('are refused if they are any other text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), text => assertRefused(text)))
    fc.assert(fc.property(fc.json(), json => assertRefused(raw(json))))
  })

  it('are refused if their values are not scalars, or are spelled differently', () => {
    const given = (content: string) => raw(`["${digest}"${content}]`)
    assert.deepEqual(decodeCursor(given(',1'), scope), [1])
    for (const content of [',{"$gt":""}', ',["a"]', ', 1', ',1.0', ',1e999', ',"\\u0061"'])
      assertRefused(given(content))
    assertRefused(raw(Buffer.concat([Buffer.from(`["${digest}","`), Buffer.from([0xff]), Buffer.from('"]')])))
    assertRefused(given(',1e20'.repeat(100)), 'numbers that are longer than a cursor when written out')
  })

  it('have at most 1,024 characters', () => {
    // 768 bytes of JSON are 1,024 characters of base64.
    const longest: SortValue[] = ['x'.repeat(768 - '["",""]'.length - digest.length)]
    const text = encodeCursor(longest, scope)
    assert.equal(text.length, 1_024)
    assert.deepEqual(decodeCursor(text, scope), longest)
    assert.throws(() => encodeCursor([`${longest[0]}x`], scope), /too long for a cursor/)
    assertRefused(raw(`["${digest}","${longest[0]}x"]`))
  })
})
