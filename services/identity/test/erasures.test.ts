import assert from 'node:assert/strict'
import { newId } from '@bulkhead/chassis/core'
import * as callers from '@bulkhead/testing/callers'
import { PASSWORD, startIdentity, type TestIdentity } from './helper.ts'

const { customer } = callers

describe('erasures', () => {
  let service: TestIdentity
  before(async () => {
    service = await startIdentity({ replicas: 2 })
  })
  after(() => service.close())

  const erase = (id: string, header?: string, password?: string, turn = 0) =>
    service.send('delete', `/customers/${id}`, { password }, header, turn)
  const report = (id: string, name: string, outcome: string) =>
    service.send('put', `/erasures/${id}/reports`, { outcome }, callers.service(name, 'identity'))
  const getErasure = async (id: string) =>
    (await service.send('get', `/erasures/${id}`, undefined, service.staff).expect(200)).body

  /** Asserts that no document contains the address, and that only the tombstone contains the ID. */
  async function assertForgotten({ id, email }: { id: string; email: string }) {
    for (const collection of await service.db.collections()) {
      const stored = JSON.stringify(await collection.find().toArray())
      assert.ok(!stored.includes(email), collection.collectionName)
      if (collection.collectionName !== 'accounts') assert.ok(!stored.includes(id), collection.collectionName)
    }
  }

  it('erase a customer who sends the password, and no other customer', async () => {
    const { id } = await service.register()
    await erase(id, undefined, PASSWORD).expect(401)
    await erase(id, customer().header, PASSWORD).expect(404)
    const { header } = customer(id)
    await erase(id, header).expect(403)
    await erase(id, header, 'wrong password').expect(403)
    assert.deepEqual(await service.eventsOf(id), [])
    const { body } = await erase(id, header, PASSWORD).expect(202)
    assert.equal(body.customerId, id)
    assert.equal(body.erasedBy, id)
  })

  it('make a caller with wrong passwords wait, while the owner can still sign in', async () => {
    const { id, email } = await service.register()
    const { header } = customer(id)
    for (let turn = 0; turn < 5; turn++) await erase(id, header, 'wrong password', turn).expect(403)
    await erase(id, header, PASSWORD).expect(429)
    await service.signIn(email).expect(201)
  })

  it('remove all data of the person, leave a tombstone, and publish one event', async () => {
    const { id, email } = await service.register()
    const { refreshToken } = (await service.signIn(email).expect(201)).body
    const { header } = customer(id)
    for (let turn = 0; turn < 3; turn++) await erase(id, header, PASSWORD, turn).expect(202)
    assert.deepEqual(await service.eventsOf(id), [{ type: 'identity.customer.erased', version: 2 }])
    await service.signIn(email).expect(401)
    await service.refresh(refreshToken).expect(401)
    await service.send('get', `/customers/${id}`, undefined, header).expect(404)
    await service.send('post', '/sessions/sign-out-everywhere', undefined, header).expect(204)
    await assertForgotten({ id, email })
    const again = await service.register(email)
    assert.notEqual(again.id, id)
  })

  it('prevent a confirmed registration from creating the account again', async () => {
    const email = 'late@example.com'
    const { id } = (await service.send('post', '/registrations', { email }).expect(202)).body
    const { code } = (await service.send('get', `/registrations/${id}`, undefined, service.staff)).body
    const confirm = () => service.send('put', `/registrations/${id}/confirmation`, { code, password: PASSWORD })
    const { body } = await confirm().expect(200)
    await erase(body.id, service.staff).expect(202)
    await confirm().expect(404)
  })

  it('require no password from staff, record who erased, and return 404 for an unknown customer', async () => {
    const { id } = await service.register()
    const member = callers.staff()
    const { body } = await erase(id, member.header).expect(202)
    assert.equal(body.erasedBy, member.id)
    await erase(newId('cus'), member.header).expect(404)
    await erase(newId('stf'), member.header).expect(400)
  })

  it('show staff the first report of each service, under the name in its token', async () => {
    const { id } = await service.register()
    await report(id, 'cart', 'deleted').expect(404)
    await erase(id, service.staff).expect(202)
    await report(id, 'cart', 'deleted').expect(204)
    await report(id, 'cart', 'anonymised').expect(204)
    await report(id, 'orders', 'anonymised').expect(204)
    const { reports } = await getErasure(id)
    assert.deepEqual(
      reports.map(({ service, outcome }: Record<string, string>) => ({ service, outcome })),
      [
        { service: 'identity', outcome: 'deleted' },
        { service: 'cart', outcome: 'deleted' },
        { service: 'orders', outcome: 'anonymised' }
      ]
    )
    await service.send('get', `/erasures/${id}`, undefined, customer(id).header).expect(403)
    await service.send('put', `/erasures/${id}/reports`, { outcome: 'deleted' }, service.staff).expect(403)
    await service.send('get', `/erasures/${newId('cus')}`, undefined, service.staff).expect(404)
  })

  it('record all reports of services that report at the same time', async () => {
    const { id } = await service.register()
    await erase(id, service.staff).expect(202)
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map(name => report(id, name, 'deleted').expect(204)))
    assert.equal((await getErasure(id)).reports.length, 6)
  })
})
