import assert from 'node:assert/strict'
import { type Batch, readBatches } from '../src/imports/batches.ts'
import { csv } from './import-helper.ts'

const none = { has: () => false }

/** A file of 450 small products, one product of 600 KB and 100 more small ones, in pieces like a stored file. */
const file = Buffer.from(
  csv(
    ...Array.from({ length: 551 }, (_, place) => ({
      Handle: `mug-${place}`,
      Title: 'Mug',
      'Variant SKU': `M-${place}`,
      'Variant Price': place % 7 ? '5' : 'dear',
      'Body (HTML)': place === 450 ? 'x'.repeat(500_000) : ''
    }))
  )
)
async function* pieces() {
  for (let start = 0; start < file.length; start += 100_000) yield file.subarray(start, start + 100_000)
}

async function batchesFrom(skip: number): Promise<Batch[]> {
  const batches: Batch[] = []
  for await (const batch of readBatches(pieces(), { currency: 'EUR', returning: none, skip })) batches.push(batch)
  return batches
}

describe('batches of an imported file', () => {
  it('are the same if reading continues after any of them', async () => {
    const whole = await batchesFrom(0)
    assert.deepEqual(
      whole.map(({ entries }) => entries),
      [200, 400, 450, 551]
    )
    for (const [place, { entries }] of whole.entries())
      assert.deepEqual(await batchesFrom(entries), place < 3 ? whole.slice(place + 1) : [{ ...whole[3]!, ...nothing }])
  })
})

const nothing = { products: [], problems: [] }
