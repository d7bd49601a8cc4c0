import assert from 'node:assert/strict'
import * as z from 'zod'
import { strictSchema } from '../src/http/strict-schema.ts'
import { wrongPlaces } from '../src/http/wrong-places.ts'

const a = z.object({ a: z.int() })
const b = z.object({ b: z.int() })
const kind = <Name extends string>(name: Name) => z.object({ kind: z.literal(name) })

type Tree = { children?: Tree[] | undefined }
const tree: z.ZodType<Tree> = z.object({
  get children() {
    return z.array(tree).optional()
  }
})

const placesOf = (schema: z.ZodType, value: unknown) => {
  const { error } = strictSchema(schema).safeParse(value)
  return error ? wrongPlaces('body', error.issues).map(({ pointer }) => pointer) : []
}

describe('the strict copy of a schema', () => {
  for (const { what, schema, value, pointers } of [
    { what: 'a field', schema: a, value: { a: 1, x: 1 }, pointers: ['/body/x'] },
    {
      what: 'a field named like a prototype',
      schema: a,
      value: JSON.parse('{"a":1,"__proto__":1}'),
      pointers: ['/body/__proto__']
    },
    { what: 'a field in an array', schema: z.array(a), value: [{ a: 1 }, { a: 1, x: 1 }], pointers: ['/body/1/x'] },
    {
      what: 'a field in a tuple',
      schema: z.tuple([a], b),
      value: [
        { a: 1, x: 1 },
        { b: 1, y: 1 }
      ],
      pointers: ['/body/0/x', '/body/1/y']
    },
    {
      what: 'a field in a record',
      schema: z.record(z.string(), a),
      value: { any: { a: 1, x: 1 } },
      pointers: ['/body/any/x']
    },
    {
      what: 'a field in an optional object',
      schema: z.object({ a: a.nullable().optional() }),
      value: { a: { a: 1, x: 1 } },
      pointers: ['/body/a/x']
    },
    {
      what: 'a field in an object with a default',
      schema: z.object({ a: a.default({ a: 1 }) }),
      value: { a: { a: 1, x: 1 } },
      pointers: ['/body/a/x']
    },
    {
      what: 'a field before a transform',
      schema: a.transform(({ a }) => ({ b: a })),
      value: { a: 1, b: 1 },
      pointers: ['/body/b']
    },
    {
      what: 'a field after a preprocessing',
      schema: z.preprocess(value => value, a),
      value: { a: 1, x: 1 },
      pointers: ['/body/x']
    },
    {
      what: 'a field of an extended object',
      schema: a.extend(b.shape),
      value: { a: 1, b: 1, x: 1 },
      pointers: ['/body/x']
    },
    {
      what: 'a field of an intersection',
      schema: z.intersection(a, b),
      value: { a: 1, b: 1, x: 1 },
      pointers: ['/body/x']
    },
    {
      what: 'a field of a named alternative',
      schema: z.discriminatedUnion('kind', [kind('a'), kind('b')]),
      value: { kind: 'a', x: 1 },
      pointers: ['/body/x']
    },
    { what: 'a field of an alternative', schema: z.union([a, b]), value: { a: 1, x: 1 }, pointers: ['/body/x'] },
    {
      what: 'a field of the alternative that fits best',
      schema: z.union([a.partial(), b.partial()]),
      value: { b: 1, x: 1 },
      pointers: ['/body/x']
    },
    {
      what: 'a field deep in a tree',
      schema: tree,
      value: { children: [{ children: [{ x: 1 }] }] },
      pointers: ['/body/children/0/children/0/x']
    },
    {
      what: 'a field next to a rule that fails',
      schema: a.refine(({ a }) => a > 1, { path: ['a'], message: 'No' }),
      value: { a: 1, x: 1 },
      pointers: ['/body/x', '/body/a']
    }
  ] as { what: string; schema: z.ZodType; value: unknown; pointers: string[] }[]) {
    it(`refuses ${what} if the field is unknown, and names it`, () => {
      assert.deepEqual(placesOf(schema, value).sort(), pointers.sort())
      assert.ok(schema.safeParse(value).success || pointers.length > 1, 'The schema itself accepts it')
    })
  }

  for (const { what, schema, value } of [
    { what: 'objects that accept any field', schema: z.looseObject({ a: z.int() }), value: { a: 1, x: 1 } },
    { what: 'objects with a schema for other fields', schema: a.catchall(z.int()), value: { a: 1, x: 1 } },
    { what: 'records', schema: z.record(z.string(), z.int()), value: { x: 1 } },
    { what: 'any value', schema: z.object({ any: z.unknown() }), value: { any: { x: 1 } } },
    { what: 'fields of both parts of an intersection', schema: z.intersection(a, b), value: { a: 1, b: 1 } }
  ] as { what: string; schema: z.ZodType; value: unknown }[]) {
    it(`accepts ${what}`, () => {
      assert.deepEqual(strictSchema(schema).parse(value), value)
    })
  }

  it('keeps checks, transforms and defaults, and makes new defaults for each input', () => {
    const list = z.object({
      ids: z
        .array(z.string())
        .min(1)
        .default(() => ['none']),
      at: z.string().transform(Number)
    })
    const strict = strictSchema(list)
    const first = strict.parse({ at: '1' })
    assert.deepEqual(first, { ids: ['none'], at: 1 })
    assert.notEqual(strict.parse({ at: '1' }).ids, first.ids)
    assert.deepEqual(placesOf(list, { ids: [], at: '1' }), ['/body/ids'])
  })

  it('does not change the original schema', () => {
    strictSchema(a)
    assert.deepEqual(a.parse({ a: 1, x: 1 }), { a: 1 })
  })
})
