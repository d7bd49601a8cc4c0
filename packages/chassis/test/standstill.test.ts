import assert from 'node:assert/strict'
import { until } from '@bulkhead/testing/until'
import { standstillDetector } from '../src/core/standstill.ts'

describe('standstill', () => {
  it('finds what keeps its state for so long, and not what is new or moves', async () => {
    const standing = standstillDetector(100)
    let turn = 0
    const look = () =>
      standing(
        new Map([
          ['still', 'a'],
          ['moving', `${turn++}`],
          [`new-${turn}`, 'a']
        ])
      )
    assert.deepEqual(look(), [])
    await until(() => {
      const found = look()
      assert.ok(found.length === 0 || found.join() === 'still', found.join())
      return found.length === 1
    })
  })

  it('starts anew with what was away meanwhile', async () => {
    const standing = standstillDetector(100)
    standing(new Map([['away', '1']]))
    await until(() => standing(new Map([['still', '1']])).length === 1)
    assert.deepEqual(
      standing(
        new Map([
          ['away', '1'],
          ['still', '1']
        ])
      ),
      ['still']
    )
  })
})
