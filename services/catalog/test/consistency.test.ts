import assert from 'node:assert/strict'
import { Problem } from '@bulkhead/chassis/core'
import { checkConsistency } from '../src/products/consistency.ts'
import { type NewProduct, newProduct } from '../src/products/schemas.ts'
import { pointersOf } from './helper.ts'

const shirt: NewProduct = newProduct.parse({
  handle: 'shirt',
  title: 'Shirt',
  options: [
    { name: 'Size', values: ['S', 'L'] },
    { name: 'a/b', values: ['x', 'y'] }
  ],
  variants: [
    { sku: '1', options: { Size: 'S', 'a/b': 'x' }, media: 'front.jpg' },
    { sku: '2', options: { Size: 'S', 'a/b': 'y' } },
    { sku: '3', options: { 'a/b': 'x', Size: 'L' } }
  ],
  media: [{ url: 'front.jpg' }, { url: 'back.jpg' }]
})
const [first, second, third] = shirt.variants as [
  NewProduct['variants'][0],
  NewProduct['variants'][0],
  NewProduct['variants'][0]
]

const euro = { amount: 1, currency: 'EUR' }

function placesOf(product: NewProduct) {
  try {
    checkConsistency(product)
    return []
  } catch (error) {
    assert.ok(error instanceof Problem && error.status === 422)
    return pointersOf(error.toDocument('/') as { errors: { pointer: string }[] })
  }
}

describe('the consistency of a product', () => {
  const wrong: [string, Partial<NewProduct>, string[]][] = [
    ['nothing', {}, []],
    ['an option twice', { options: [...shirt.options, shirt.options[0]!] }, ['/options/2/name']],
    [
      'a value twice',
      { options: [{ name: 'Size', values: ['S', 'L', 'S'] }, shirt.options[1]!] },
      ['/options/0/values/2']
    ],
    ['a variant without a value', { variants: [{ ...first, options: { Size: 'S' } }, third] }, ['/variants/0/options']],
    [
      'a value that is none',
      { variants: [{ ...first, options: { Size: 'S', 'a/b': 'z' } }] },
      ['/variants/0/options/a~1b']
    ],
    [
      'an option that the product has not',
      { variants: [third, { ...first, options: { ...first.options, constructor: 'x' } }] },
      ['/variants/1/options/constructor']
    ],
    [
      'variants with the same values',
      { variants: [first, third, { ...second, options: first.options }] },
      ['/variants/2']
    ],
    ['a SKU twice', { variants: [first, { ...second, sku: '1' }] }, ['/variants/1/sku']],
    [
      'a currency twice',
      { variants: [{ ...first, prices: [euro, euro], compareAtPrices: [euro, { ...euro, currency: 'JPY' }, euro] }] },
      ['/variants/0/compareAtPrices/2', '/variants/0/prices/1']
    ],
    ['an image that the product has not', { variants: [{ ...first, media: 'side.jpg' }] }, ['/variants/0/media']],
    ['an image twice', { media: [...shirt.media, { url: 'back.jpg' }] }, ['/media/2/url']],
    ['a tag twice', { tags: ['a', 'b', 'a'] }, ['/tags/2']],
    ['a category twice', { categories: ['cat_1', 'cat_1'] }, ['/categories/1']],
    [
      'two variants without options',
      {
        options: [],
        variants: [
          { ...first, options: {} },
          { ...second, options: {} }
        ]
      },
      ['/variants/1']
    ]
  ]
  for (const [what, fields, places] of wrong) {
    it(`names the place of ${what}`, () => {
      assert.deepEqual(
        placesOf({ ...shirt, ...fields }),
        places.map(place => `/body${place}`)
      )
    })
  }
})
