import assert from 'node:assert/strict'
import fc from 'fast-check'
import { idSchema, newId, newSecretId, withoutSecretIds } from '../src/core/ids.ts'

const at = (milliseconds: number) => ({ now: () => new Date(milliseconds) })

/** Any time in milliseconds since 1970 that fits in a Date and in the 48 bits of a UUID. */
const milliseconds = fc.integer({ min: 0, max: 2 ** 48 - 1 })

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz'
const uuidOf = (id: string) =>
  [...id.slice(id.indexOf('_') + 1)]
    .reduce((sum, character) => sum * 32n + BigInt(DIGITS.indexOf(character)), 0n)
    .toString(16)
    .padStart(32, '0')

describe('newId', () => {
  it('is the prefix and a UUID of version 7 with the time of the clock', () => {
    fc.assert(
      fc.property(milliseconds, time => {
        const id = newId('prd', at(time))
        assert.match(id, /^prd_[0-7][0-9a-hjkmnp-tv-z]{25}$/)
        assert.match(uuidOf(id), /^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
        assert.equal(Number.parseInt(uuidOf(id).slice(0, 12), 16), time)
      })
    )
  })

  it('sorts by millisecond', () => {
    fc.assert(
      fc.property(milliseconds, milliseconds, (one, other) => {
        fc.pre(one !== other)
        assert.equal(newId('prd', at(one)) < newId('prd', at(other)), one < other)
      })
    )
  })

  it('uses the time of the machine if no clock is given', () => {
    const [before, id, after] = [Date.now(), newId('evt'), Date.now()]
    const time = Number.parseInt(uuidOf(id).slice(0, 12), 16)
    assert.ok(before <= time && time <= after)
  })

  it('gives no ID twice in one millisecond', () => {
    const ids = Array.from({ length: 5_000 }, () => newId('prd', at(0)))
    assert.equal(new Set(ids).size, ids.length)
  })
})

describe('idSchema', () => {
  it('accepts every new ID with its prefix, and none with a different prefix', () => {
    fc.assert(
      fc.property(milliseconds, time => {
        assert.ok(idSchema('prd').safeParse(newId('prd', at(time))).success)
        assert.ok(!idSchema('prd').safeParse(newId('ord', at(time))).success)
      })
    )
  })

  it('refuses other lengths, capitals, letters that Crockford leaves out, and more than 128 bits', () => {
    const rest = '0'.repeat(25)
    for (const id of ['', 'prd_', `prd_${rest}`, `prd_${rest}000`, `prd_${rest}A`, `prd_${rest}u`, `prd_8${rest}`]) {
      assert.ok(!idSchema('prd').safeParse(id).success, id)
    }
    assert.ok(!idSchema('prd').safeParse(`prd_0${rest}\n`).success)
    assert.ok(!idSchema('prd').safeParse(`xprd_0${rest}`).success)
  })
})

describe('newSecretId', () => {
  it('is the prefix and a UUID of version 4 with 122 random bits', () => {
    const ids = Array.from({ length: 1_000 }, () => newSecretId('crt'))
    assert.ok(ids.every(id => idSchema('crt').safeParse(id).success))
    for (const id of ids) assert.match(uuidOf(id), /^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
    const values = ids.map(id => BigInt(`0x${uuidOf(id)}`))
    // The bits of the variant and the version, counted from the last bit, are always the same.
    const fixed = [62n, 63n, 76n, 77n, 78n, 79n]
    for (let bit = 0n; bit < 128n; bit++) {
      if (fixed.includes(bit)) continue
      const ones = values.filter(value => (value >> bit) & 1n).length
      // Ten standard deviations on either side.
      assert.ok(ones > 340 && ones < 660, `bit ${bit} was 1 in ${ones} of 1000`)
    }
  })
})

describe('withoutSecretIds', () => {
  it('hides secret IDs, and no others', () => {
    fc.assert(
      fc.property(milliseconds, time => {
        const [secret, known] = [newSecretId('crt'), newId('prd', at(time))]
        assert.equal(withoutSecretIds(`/carts/${secret}/lines/${known}/MUG`), `/carts/crt_***/lines/${known}/MUG`)
      })
    )
  })
})
