import assert from 'node:assert/strict'
import fc from 'fast-check'
import { madeSkus } from '../src/shopify/sku.ts'

describe('A made SKU', () => {
  it('is of the words of the handle and the option values', () => {
    assert.deepEqual(
      madeSkus(
        'mug',
        [
          ['Sea blue', '½ l'],
          ['Größe 5+', '红']
        ],
        new Set()
      ),
      ['MUG-SEA-BLUE-1-2-L', 'MUG-GRÖSSE-5-红']
    )
  })

  it('has a hash where two variants would share it, where it is taken and where it is too long', () => {
    for (const sku of madeSkus('mug', [['A B'], ['A-B'], ['C'], ['D'.repeat(200)]], new Set(['MUG-C'])))
      assert.match(sku, /^MUG-.*-[0-9A-F]{16}$/)
  })

  it("is each variant's own, at most 100 long and the same in any order of the variants", () => {
    const values = fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { minLength: 1, maxLength: 3 })
    const variants = fc.uniqueArray(values, { maxLength: 8, selector: list => JSON.stringify(list) })
    fc.assert(
      fc.property(variants, fc.uniqueArray(fc.string()), (list, others) => {
        const taken = new Set([...others, ...madeSkus('mug', list.slice(0, 1), new Set())])
        const skus = madeSkus('mug', list, taken)
        assert.equal(new Set([...skus, ...taken]).size, skus.length + taken.size)
        for (const sku of skus) assert.ok(sku !== '' && sku.length <= 100 && sku.isWellFormed())
        assert.deepEqual(madeSkus('mug', list.toReversed(), taken), skus.toReversed())
      })
    )
  })
})
