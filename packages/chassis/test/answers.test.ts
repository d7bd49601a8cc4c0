import assert from 'node:assert/strict'
import * as z from 'zod'
import { fieldsOf, shown, shownToOne, shownUnlessKnown } from '../src/answers.ts'

describe('answers', () => {
  const lamp = { name: 'desk', version: 7 }
  const show = ({ version }: typeof lamp) => ({ version, shown: true })

  it('have of a document what the schema names, whatever a newer release stored beside it', () => {
    const ofLamp = fieldsOf(z.object({ name: z.string(), colour: z.string().optional(), version: z.int() }))
    assert.deepEqual(ofLamp({ ...lamp, colour: undefined, touchedAt: new Date() }), lamp)
  })

  it('have the version as ETag', () => {
    assert.deepEqual(shown(201, lamp), { status: 201, body: lamp, headers: { ETag: '"7"' } })
  })

  it("that are one person's are for no cache", () => {
    assert.deepEqual(shownToOne(200, lamp).headers, { ETag: '"7"', 'Cache-Control': 'no-store' })
  })

  it('are a 304 without a body for who has this version, and whole for anyone else', () => {
    assert.deepEqual(shownUnlessKnown('"7"', lamp, show), { status: 304, headers: { ETag: '"7"' } })
    for (const known of [undefined, '"6"']) {
      assert.deepEqual(shownUnlessKnown(known, lamp, show).body, { version: 7, shown: true })
    }
  })
})
