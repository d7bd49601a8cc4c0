import assert from 'node:assert/strict'
import { skuSchema } from '../src/core/sku.ts'

describe('a SKU', () => {
  it('is any text of 1 to 255 characters, trimmed', () => {
    for (const sku of ['MUG-BLUE', 'a/b c', '1.5', '...', '😀', 'x'.repeat(255)])
      assert.equal(skuSchema.parse(sku), sku)
    assert.equal(skuSchema.parse(' MUG '), 'MUG')
    for (const sku of ['', '  ', 'x'.repeat(256)]) assert.ok(!skuSchema.safeParse(sku).success, JSON.stringify(sku))
  })

  it('has no NUL and no unpaired surrogate, and is not `.` or `..`', () => {
    for (const sku of ['a\0b', '\ud83d', '.', '..', ' .. '])
      assert.ok(!skuSchema.safeParse(sku).success, JSON.stringify(sku))
  })
})
