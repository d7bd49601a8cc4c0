import assert from 'node:assert/strict'
import { customer } from '@bulkhead/testing/callers'
import { newAddress, PASSWORD, startIdentity, type TestIdentity } from './helper.ts'

describe('accounts', () => {
  let service: TestIdentity
  before(async () => {
    service = await startIdentity()
  })
  after(() => service.close())

  it('of staff can be created and read only by staff', async () => {
    const body = { email: newAddress(), password: PASSWORD }
    await service.send('post', '/staff', body).expect(401)
    await service.send('post', '/staff', body, customer().header).expect(403)
    const { body: created, headers } = await service.send('post', '/staff', body, service.staff).expect(201)
    assert.match(created.id, /^stf_/)
    assert.equal(headers.location, `staff/${created.id}`)
    await service.send('get', `/staff/${created.id}`, undefined, service.staff).expect(200)
    await service.send('post', '/staff', body, service.staff).expect(409)
    const { accessToken } = (await service.signIn(body.email).expect(201)).body
    const { sub, roles } = JSON.parse(Buffer.from(accessToken.split('.')[1], 'base64url').toString())
    assert.deepEqual({ sub, roles }, { sub: created.id, roles: ['staff'] })
  })

  it('of a customer are visible to the customer and to staff, without the password', async () => {
    const { id, email } = await service.register()
    const read = (header?: string) => service.send('get', `/customers/${id}`, undefined, header)
    const { body, headers } = await read(customer(id).header).expect(200)
    assert.deepEqual(Object.keys(body).sort(), ['createdAt', 'email', 'id', 'version'])
    assert.equal(body.email, email)
    assert.equal(headers['cache-control'], 'no-store')
    await read(service.staff).expect(200)
    await read(customer().header).expect(404)
    await read().expect(401)
  })
})
