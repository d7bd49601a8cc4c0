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
    ['no place in a consistent product', {}, []],
    ['the place of a repeated option', { options: [...shirt.options, shirt.options[0]!] }, ['/options/2/name']],
    [
      'the place of a repeated value',
      { options: [{ name: 'Size', values: ['S', 'L', 'S'] }, shirt.options[1]!] },
      ['/options/0/values/2']
    ],
    [
      'the place of a variant without a value',
      { variants: [{ ...first, options: { Size: 'S' } }, third] },
      ['/variants/0/options']
    ],
    [
      'the place of a value that the option does not have',
      { variants: [{ ...first, options: { Size: 'S', 'a/b': 'z' } }] },
      ['/variants/0/options/a~1b']
    ],
    [
      'the place of an option that the product does not have',
      { variants: [third, { ...first, options: { ...first.options, constructor: 'x' } }] },
      ['/variants/1/options/constructor']
    ],
    [
      'the place of a variant with the values of another one',
      { variants: [first, third, { ...second, options: first.options }] },
      ['/variants/2']
    ],
    ['the place of a repeated SKU', { variants: [first, { ...second, sku: '1' }] }, ['/variants/1/sku']],
    [
      'the places of repeated currencies',
      { variants: [{ ...first, prices: [euro, euro], compareAtPrices: [euro, { ...euro, currency: 'JPY' }, euro] }] },
      ['/variants/0/compareAtPrices/2', '/variants/0/prices/1']
    ],
    [
      'the place of an image that the product does not have',
      { variants: [{ ...first, media: 'side.jpg' }] },
      ['/variants/0/media']
    ],
    ['the place of a repeated image', { media: [...shirt.media, { url: 'back.jpg' }] }, ['/media/2/url']],
    ['the place of a repeated tag', { tags: ['a', 'b', 'a'] }, ['/tags/2']],
    ['the place of a repeated category', { categories: ['cat_1', 'cat_1'] }, ['/categories/1']],
    [
      'the place of a second variant without options',
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
    it(`names ${what}`, () => {
      assert.deepEqual(
        placesOf({ ...shirt, ...fields }),
        places.map(place => `/body${place}`)
      )
    })
  }
})
