import assert from 'node:assert/strict'
import { seenHandles } from '../src/shopify/seen-handles.ts'

describe('the handles seen', () => {
  it('are told apart from others in any number', () => {
    const handles = seenHandles()
    for (let number = 0; number < 20_000; number++) assert.ok(handles.add(`product-${number}`))
    for (let number = 0; number < 20_000; number++) assert.ok(!handles.add(`product-${number}`))
    assert.equal(handles.size(), 20_000)
    assert.ok(handles.add('product-20000'))
  })
})
