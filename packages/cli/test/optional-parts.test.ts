import assert from 'node:assert/strict'
import { withParts } from '../src/generator/optional-parts.ts'

const CODE = `one()
// #if customer
two()
// #else
//   three()
// #end
  // #if staff public
  // four()
  // #end`

describe('the optional parts of a template', () => {
  it('keep the code for the owner `customer`, and leave out the rest', () =>
    assert.equal(withParts(CODE, 'customer'), 'one()\ntwo()'))

  it('become code for other owners', () => {
    for (const owner of ['staff', 'public'] as const) {
      assert.equal(withParts(CODE, owner), 'one()\n  three()\n  four()')
    }
  })

  it('may be HTML comments', () => {
    const text = '<!-- #if public -->\n<!-- For anyone. -->\n<!-- #end -->\nAll.'
    assert.equal(withParts(text, 'public'), 'For anyone.\nAll.')
    assert.equal(withParts(text, 'staff'), 'All.')
  })

  it('must have a first and a last marker', () => {
    for (const text of ['// #end', '// #else', '// #if staff', '// #if staff\n// #if public\n// #end']) {
      assert.throws(() => withParts(text, 'customer'), /out of place|has no #end/, text)
    }
  })
})
