import assert from 'node:assert/strict'
import * as z from 'zod'
import { decodeCursor } from '../src/contract/cursor.ts'
import { idList, pageQuery, pageSchema, toPage } from '../src/contract/lists.ts'

describe('lists', () => {
  const query = z.object({ ids: idList(z.string().regex(/^x\d+$/)).optional(), ...pageQuery })

  it('have a limit of 20 by default, and of at most 100', () => {
    assert.equal(query.parse({}).limit, 20)
    assert.equal(query.parse({ limit: '100' }).limit, 100)
    for (const limit of ['0', '101', '1.5', 'many']) assert.ok(!query.safeParse({ limit }).success, limit)
  })

  it('accept up to 100 IDs, and drop repeated IDs', () => {
    assert.deepEqual(query.parse({ ids: 'x1,x2' }).ids, ['x1', 'x2'])
    assert.deepEqual(query.parse({ ids: 'x2,x1,x2' }).ids, ['x2', 'x1'])
    const tooMany = Array.from({ length: 101 }, (_, number) => `x${number}`).join()
    for (const ids of ['', 'x1,', 'x1,y', tooMany]) {
      assert.ok(!query.safeParse({ ids }).success, ids.slice(0, 9))
    }
  })

  it('give a cursor after the last item of a page if more items follow, and none on the last page', () => {
    const first = toPage(['a', 'b', 'c'], 2, 'letters', letter => [letter])
    assert.deepEqual(first.items, ['a', 'b'])
    assert.deepEqual(decodeCursor(first.nextCursor!, 'letters'), ['b'])
    const all = toPage(['a', 'b'], 2, 'letters', letter => [letter])
    assert.deepEqual(pageSchema(z.string()).parse(all), { items: ['a', 'b'], nextCursor: undefined })
    assert.deepEqual(
      toPage([], 2, 'letters', () => []),
      { items: [], nextCursor: undefined }
    )
  })
})
