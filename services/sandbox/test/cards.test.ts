import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isExpired, isLuhn } from '../src/payment-methods/cards.ts'

describe('A card', () => {
  it('has a check digit that detects every wrong digit', () => {
    assert.ok(isLuhn('4242424242424242') && isLuhn('378282246310005'))
    const place = fc.integer({ min: 0, max: 15 })
    const increase = fc.integer({ min: 1, max: 9 })
    fc.assert(
      fc.property(place, increase, (place, increase) => {
        const digits = [...'4242424242424242'].map(Number)
        digits[place] = (digits[place]! + increase) % 10
        return !isLuhn(digits.join(''))
      })
    )
  })

  it('is valid to the end of its month', () => {
    const expiry = { month: 2, year: 2028 }
    assert.equal(isExpired(expiry, new Date('2028-02-29T23:59:59Z')), false)
    assert.equal(isExpired(expiry, new Date('2028-03-01T00:00:00Z')), true)
  })
})
