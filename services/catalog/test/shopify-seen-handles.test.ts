import assert from 'node:assert/strict'
import { seenHandles } from '../src/shopify/seen-handles.ts'

describe('the set of seen handles', () => {
  it('distinguishes any number of handles', () => {
    const handles = seenHandles()
    for (let number = 0; number < 20_000; number++) assert.ok(handles.add(`product-${number}`))
    for (let number = 0; number < 20_000; number++) assert.ok(!handles.add(`product-${number}`))
    assert.equal(handles.size(), 20_000)
    assert.ok(handles.add('product-20000'))
  })
})
