import assert from 'node:assert/strict'
import { customer, service, staff, verifierFor } from '../src/callers.ts'

describe('callers', () => {
  const verify = verifierFor('cart')

  it('are identified by their tokens, and are guests without a token', async () => {
    const ada = customer()
    const eve = staff()
    assert.deepEqual(await verify(ada.header), { kind: 'person', id: ada.id, roles: ['customer'] })
    assert.deepEqual(await verify(eve.header), { kind: 'person', id: eve.id, roles: ['staff'] })
    assert.deepEqual(await verify(service('orders', 'cart')), { kind: 'service', name: 'orders' })
    assert.deepEqual(await verify(undefined), { kind: 'anonymous' })
  })

  it('are refused if their token is for a different target', () =>
    assert.rejects(async () => verify(service('orders', 'catalog')), { name: 'Problem', status: 401 }))
})
