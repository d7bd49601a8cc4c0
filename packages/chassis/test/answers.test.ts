import assert from 'node:assert/strict'
import * as z from 'zod'
import { invalidInput } from '../src/core/problem.ts'
import { fieldPicker, withETag, withETagNoStore, withETagOr304 } from '../src/http/answers.ts'

describe('answers', () => {
  const lamp = { name: 'desk', version: 7 }
  const show = ({ version }: typeof lamp) => ({ version, shown: true })

  it('have only the fields of a document that the schema names, even if a newer release has stored others', () => {
    const ofLamp = fieldPicker(z.object({ name: z.string(), colour: z.string().optional(), version: z.int() }))
    assert.deepEqual(ofLamp({ ...lamp, colour: undefined, touchedAt: new Date() }), lamp)
  })

  it('have the version as ETag', () => {
    assert.deepEqual(withETag(201, lamp), { status: 201, body: lamp, headers: { ETag: '"7"' } })
  })

  it('forbid caching if they are for one person only', () => {
    assert.deepEqual(withETagNoStore(200, lamp).headers, { ETag: '"7"', 'Cache-Control': 'no-store' })
  })

  it('name at most 100 wrong places, and the number of the others', () => {
    const errors = Array.from({ length: 103 }, (_, place) => ({ pointer: `/body/${place}`, detail: 'Is wrong' }))
    const { errors: named, detail } = invalidInput(errors, 'All of it').toDocument('/lamps')
    assert.deepEqual([named!.length, named!.at(-1)!.pointer], [100, '/body/99'])
    assert.equal(detail, 'All of it; 3 more places are wrong')
    assert.equal(invalidInput(errors.slice(0, 100)).toDocument('/lamps').detail, undefined)
  })

  it('are a 304 without a body for a reader that has this version, and have a body for all others', () => {
    assert.deepEqual(withETagOr304('"7"', lamp, show), { status: 304, headers: { ETag: '"7"' } })
    for (const known of [undefined, '"6"']) {
      assert.deepEqual(withETagOr304(known, lamp, show), withETag(200, show(lamp)))
    }
  })
})
