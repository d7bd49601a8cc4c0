import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Problem } from '../src/core/problem.ts'
import { readJson } from '../src/http/input.ts'

const read = (text: string) => readJson(Buffer.from(text))

describe('readJson', () => {
  for (const { text, pointer } of [
    { text: '{"a":1,"a":1}', pointer: '/body/a' },
    { text: '{"a":{"b":1},"c":[0,{"b":1,"d":[],"b":2}]}', pointer: '/body/c/1/b' },
    { text: '[[1,2],[{"x":0},{"x":0,"y":",","x":0}]]', pointer: '/body/1/1/x' },
    { text: '{"a":1,"\\u0061":2}', pointer: '/body/a' },
    { text: '{"a/b":"}","~":"\\\\","a/b":1}', pointer: '/body/a~1b' },
    { text: ' { "" : "a\\"" , "" : 2 } ', pointer: '/body/' }
  ]) {
    it(`refuses ${text} and names ${pointer}`, () => {
      assert.throws(
        () => read(text),
        ({ status, errors }: Problem) => status === 400 && errors![0]!.pointer === pointer
      )
    })
  }

  it('accepts the same key in different objects, and as a value', () => {
    const text = '[{"a":"a","b":["a","a"]},{"a":{"a":"\\\\\\"a"}},"a"]'
    assert.deepEqual(read(text), JSON.parse(text))
  })

  it('accepts any value that was written as JSON', () => {
    // `readJson` refuses keys that could change a prototype.
    const isTaken = (text: string) => !/__proto__|constructor/.test(text)
    fc.assert(fc.property(fc.json().filter(isTaken), text => assert.deepEqual(read(text), JSON.parse(text))))
  })

  it('refuses any object with a key that occurs twice', () => {
    const objects = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 })
    fc.assert(
      fc.property(objects, object => {
        const text = JSON.stringify(object)
        const key = JSON.stringify(Object.keys(object)[0])
        assert.throws(() => read(`${text.slice(0, -1)},${key}:0}`), { status: 400 })
      })
    )
  })
})
