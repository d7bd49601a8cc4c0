import assert from 'node:assert/strict'
import fc from 'fast-check'
import { generateSku } from '../src/shopify/sku.ts'

const none = new Set<string>()

describe('a generated SKU', () => {
  it('has the words of the handle and of the option values, and a hash', () => {
    assert.match(generateSku('mug', ['Sea blue', '½ l'], none), /^MUG-SEA-BLUE-1-2-L-[0-9A-F]{10}$/)
    assert.match(generateSku('mug', ['Größe 5+', '红'], none), /^MUG-GRÖSSE-5-红-[0-9A-F]{10}$/)
  })

  it('differs for the same words, for a different product and from taken SKUs', () => {
    const alike = [
      generateSku('mug', ['Red'], none),
      generateSku('mug-red', [], none),
      generateSku('mug', ['red'], none)
    ]
    assert.equal(new Set(alike).size, 3)
    assert.notEqual(generateSku('mug', ['Red'], new Set(alike)), alike[0])
  })

  it('is the same each time, has at most 100 characters and is well-formed', () => {
    const values = fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(values, values => {
        const sku = generateSku('mug', values, none)
        assert.equal(generateSku('mug', values, none), sku)
        assert.ok(sku.length <= 100 && sku.isWellFormed())
      })
    )
  })
})
