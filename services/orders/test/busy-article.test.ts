import assert from 'node:assert/strict'
import { until } from '@bulkhead/testing/until'
import { MUG, twoMugs } from './helper.ts'
import { shop } from './shop.ts'

const HOT = { ...MUG, sku: 'HOT' }
const twoHot = { ...twoMugs, lines: [{ ...twoMugs.lines[0]!, sku: 'HOT' }] }

describe('inventory that answers 503 for one article', () => {
  const { replica, place, comesTo, asked } = shop()

  it('does not delay orders for other articles', async () => {
    const { catalog, inventory } = replica().fakes
    catalog.answer('listOffers', () => ({ body: { items: [MUG, HOT] } }))
    inventory.answer('reserve', ({ body }) =>
      JSON.stringify(body).includes('HOT')
        ? { status: 503, body: {}, headers: { 'Retry-After': '1' } }
        : { body: { state: 'held' } }
    )
    const hot: string[] = []
    while (hot.length < 40) hot.push((await place(twoHot).expect(201)).body.id)
    await until(() => asked('inventory').length >= 10)
    const { body } = await place().expect(201)
    await comesTo(body.id, 'captured')
    for (const id of hot) assert.equal((await replica().store.byId(id))!.state, 'placed')
  })
})
