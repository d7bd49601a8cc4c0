import assert from 'node:assert/strict'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { closeSchema } from '../src/input/closed-schema.ts'

const a = { type: 'object', properties: { a: {} } }
const b = { type: 'object', properties: { b: {} } }

const cases: [string, Record<string, unknown>, unknown, boolean][] = [
  ['a listed field', a, { a: 1 }, true],
  ['a field that is not listed', a, { c: 1 }, false],
  ['any field where none is listed', { type: 'object' }, { c: 1 }, true],
  ['any field where the schema says so', { ...a, additionalProperties: true }, { c: 1 }, true],
  ['one that is not listed, in an array', { items: a }, [{ c: 1 }], false],
  ['fields of both parts', { allOf: [a, b] }, { a: 1, b: 1 }, true],
  ['a field of no part', { allOf: [a, b] }, { c: 1 }, false],
  ['a field of its own beside a part', { allOf: [a], properties: { c: {} } }, { a: 1, c: 1 }, true],
  ['a part that only limits', { allOf: [{ maxProperties: 3 }] }, { c: 1 }, true],
  ['an alternative', { anyOf: [a, { type: 'null' }] }, { a: 1 }, true],
  ['a field of no alternative', { anyOf: [a, { type: 'null' }] }, { c: 1 }, false],
  ['an alternative that takes anything', { anyOf: [a, { type: 'object' }] }, { c: 1 }, true],
  ['a reference', { $ref: '#/$defs/a', $defs: { a } }, { a: 1 }, true],
  ['one not listed by a reference', { $ref: '#/$defs/a', $defs: { a } }, { c: 1 }, false],
  ['the depth of a tree', { properties: { next: { $ref: '#' } } }, { next: { next: { c: 1 } } }, false],
  ['a value that looks like a schema', { const: { properties: { a: 1 } } }, { properties: { a: 1 } }, true]
]

describe('a closed schema', () => {
  for (const [what, schema, value, takes] of cases) {
    it(`${takes ? 'takes' : 'refuses'} ${what}`, () => {
      assert.equal(new Ajv2020({ strict: false }).compile(closeSchema(schema))(value), takes)
    })
  }
})
