import assert from 'node:assert/strict'
import { until } from '@bulkhead/testing/until'
import { standstillDetector } from '../src/core/standstill.ts'

describe('standstillDetector', () => {
  it('finds items that keep their state for the given time, but no new or changing items', async () => {
    const unchanged = standstillDetector(100)
    let turn = 0
    const look = () =>
      unchanged(
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

  it('forgets an item that is missing from a call', async () => {
    const unchanged = standstillDetector(100)
    unchanged(new Map([['away', '1']]))
    await until(() => unchanged(new Map([['still', '1']])).length === 1)
    assert.deepEqual(
      unchanged(
        new Map([
          ['away', '1'],
          ['still', '1']
        ])
      ),
      ['still']
    )
  })
})
