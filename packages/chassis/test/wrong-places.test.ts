import assert from 'node:assert/strict'
import * as z from 'zod'
import type { Problem } from '../src/core/problem.ts'
import { readInput } from '../src/http/input.ts'

function placesOf(schema: z.ZodType, value: unknown) {
  try {
    readInput(schema, 'body', value)
  } catch (error) {
    return (error as Problem).errors
  }
  assert.fail('The value is accepted')
}

const countries = ['AT', 'BE', 'DE']

describe('the message about a wrong value', () => {
  for (const { schema, value, detail } of [
    { schema: z.string(), value: 1, detail: 'Must be a string' },
    { schema: z.int(), value: 'x', detail: 'Must be a whole number' },
    { schema: z.coerce.number(), value: 'x', detail: 'Must be a number' },
    { schema: z.boolean(), value: 'x', detail: 'Must be true or false' },
    { schema: z.array(z.int()), value: {}, detail: 'Must be an array' },
    { schema: z.record(z.string(), z.int()), value: [], detail: 'Must be an object' },
    { schema: z.object({}), value: undefined, detail: 'It is missing' },
    { schema: z.enum(countries), value: 'XX', detail: 'Must be one of AT, BE, DE' },
    { schema: z.literal('DE'), value: 'XX', detail: 'Must be DE' },
    { schema: z.literal(Array.from({ length: 22 }, (_, number) => number)), value: 22, detail: /, 19 or 2 more$/ },
    { schema: z.string().min(1), value: '', detail: 'Must have at least 1 character' },
    { schema: z.string().max(2), value: 'xxx', detail: 'Must have at most 2 characters' },
    { schema: z.string().length(2), value: 'x', detail: 'Must have exactly 2 characters' },
    { schema: z.array(z.int()).min(1), value: [], detail: 'Must have at least 1 item' },
    { schema: z.number().max(9), value: 10, detail: 'Must be at most 9' },
    { schema: z.number().positive(), value: 0, detail: 'Must be more than 0' },
    { schema: z.email(), value: 'ada', detail: 'Must be an e-mail address' },
    { schema: z.iso.datetime(), value: 'today', detail: 'Must be a date and time such as 2026-11-27T09:30:00Z' },
    { schema: z.string().regex(/^x/, 'Must begin with x'), value: 'y', detail: 'Must begin with x' },
    { schema: z.string('Must be words'), value: 1, detail: 'Must be words' },
    { schema: z.string().min(2), value: [1], detail: 'Must be a string' }
  ] as { schema: z.ZodType; value: unknown; detail: string | RegExp }[]) {
    it(`is ${detail} for ${JSON.stringify(value)}`, () => {
      const [place, ...others] = placesOf(schema, value)!
      assert.deepEqual(others, [])
      assert.equal(place!.pointer, '/body')
      if (typeof detail === 'string') assert.equal(place!.detail, detail)
      else assert.match(place!.detail, detail)
    })
  }

  it('names the alternatives of a union', () => {
    const schema = z.object({ parent: z.union([z.string().startsWith('cat_', { abort: true }), z.literal('none')]) })
    assert.deepEqual(placesOf(schema, { parent: 1 }), [
      { pointer: '/body/parent', detail: 'Must be a string, or: Must be none' }
    ])
  })

  it('names the valid kinds of a discriminated union', () => {
    const kinds = z.discriminatedUnion('kind', [z.object({ kind: z.literal('a') }), z.object({ kind: z.literal('b') })])
    assert.deepEqual(placesOf(kinds, { kind: 'c' }), [{ pointer: '/body/kind', detail: 'Must be one of a, b' }])
  })

  it('names the field whose name is wrong', () => {
    const pointer = '/body/'
    const detail = 'The name of the field: Must have at least 1 character'
    assert.deepEqual(placesOf(z.record(z.string().min(1), z.int()), { '': 1 }), [{ pointer, detail }])
  })
})
