import assert from 'node:assert/strict'
import { newId, newSecretId } from '@bulkhead/chassis/core'
import * as callers from '@bulkhead/testing/callers'
import { customer } from '@bulkhead/testing/callers'
import { hashPassword } from '../src/passwords/hash.ts'
import { CONFIRM_MS, MAX_REGISTRATIONS } from '../src/registrations/store.ts'
import { newAddress, PASSWORD, startIdentity, type TestIdentity } from './helper.ts'

describe('registering', () => {
  let service: TestIdentity
  before(async () => {
    service = await startIdentity({ replicas: 2 })
  })
  after(() => service.close())

  const begin = (email: string) => service.send('post', '/registrations', { email })
  const mail = async (id: string) =>
    (await service.send('get', `/registrations/${id}`, undefined, service.staff).expect(200)).body
  const confirm = (id: string, code: string, password = PASSWORD, turn = 0) =>
    service.send('put', `/registrations/${id}/confirmation`, { code, password }, undefined, turn)

  it('makes an account once the code from the mail is sent, and not before', async () => {
    const email = newAddress()
    const { id } = (await begin(email).expect(202)).body
    await service.signIn(email).expect(401)
    const { code, ...rest } = await mail(id)
    assert.deepEqual(rest, { id, email, known: false })
    await confirm(id, `${code}x`).expect(404)
    const { body } = await confirm(id, code).expect(200)
    assert.deepEqual([body.email, body.id.slice(0, 4)], [email, 'cus_'])
    await service.signIn(email).expect(201)
  })

  it('makes one account however often the code is sent, at the same time too', async () => {
    const { id } = (await begin(newAddress()).expect(202)).body
    const { code } = await mail(id)
    const answers = await Promise.all([0, 1, 2, 3].map(turn => confirm(id, code, PASSWORD, turn).expect(200)))
    assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
  })

  it('keeps the first password when the code is sent again with another one', async () => {
    const email = newAddress()
    const { id } = (await begin(email).expect(202)).body
    const { code } = await mail(id)
    await confirm(id, code, 'first password').expect(200)
    await confirm(id, code, 'other password').expect(200)
    await service.signIn(email, 'other password').expect(401)
    await service.signIn(email, 'first password').expect(201)
  })

  it('takes the password from the reader of the mail alone', async () => {
    const email = newAddress()
    const { body } = await service.send('post', '/registrations', { email, password: 'of an attacker' }).expect(202)
    const { code } = await mail(body.id)
    const { errors } = (await service.send('put', `/registrations/${body.id}/confirmation`, { code }).expect(400)).body
    assert.equal(errors[0].pointer, '/body/password')
    await confirm(body.id, code).expect(200)
    await service.signIn(email, 'of an attacker').expect(401)
    await service.signIn(email).expect(201)
  })

  it('works on no password until the code is sent', async () => {
    const stored = async () => JSON.stringify(await service.db.collection('pendingRegistrations').find().toArray())
    await begin(newAddress()).expect(202)
    assert.ok(!(await stored()).includes('argon2'))
  })

  it('of the release before is confirmed with a password, and its own is not used', async () => {
    const email = newAddress()
    const [id, code, customerId] = [newSecretId('reg'), 'the-code-of-release-1', newId('cus')]
    const registration = { _id: id as never, customer: customerId, email, code, createdAt: service.clock.now() }
    const password = await hashPassword('of an attacker')
    await service.db.collection('registrations').insertOne({ ...registration, password })
    assert.equal((await mail(id)).code, code)
    assert.equal((await confirm(id, code).expect(200)).body.id, customerId)
    await service.signIn(email).expect(201)
    service.pass(CONFIRM_MS + 1)
    await service.first.registrations.sweep()
    assert.equal(await service.db.collection('registrations').countDocuments(), 0)
  })

  it('is answered the same for an address that has an account, which the mail alone tells', async () => {
    const { email } = await service.register()
    const [known, unknown] = [await begin(email).expect(202), await begin(newAddress()).expect(202)]
    assert.deepEqual(Object.keys(known.body), Object.keys(unknown.body))
    assert.equal(known.body.id.length, unknown.body.id.length)
    const { code, known: isKnown } = await mail(known.body.id)
    assert.equal(isKnown, true)
    const { body } = await confirm(known.body.id, code).expect(409)
    assert.equal(body.type, 'urn:bulkhead:problem:address-taken')
    await service.signIn(email, PASSWORD).expect(201)
  })

  it('of one address from two people gives it to who confirms first', async () => {
    const email = newAddress()
    const ids = [(await begin(email).expect(202)).body.id, (await begin(email).expect(202)).body.id]
    const codes = await Promise.all(ids.map(async id => (await mail(id)).code))
    const passwords = ['first password', 'other password']
    const answers = await Promise.all(ids.map((id, turn) => confirm(id, codes[turn], passwords[turn], turn)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409])
    await service.signIn(email, answers[0]!.status === 200 ? 'first password' : 'other password').expect(201)
  })

  it(`sends ${MAX_REGISTRATIONS} mails an hour to an address at most, and answers the same`, async () => {
    const email = newAddress()
    for (let turn = 0; turn < MAX_REGISTRATIONS; turn++) await begin(email).expect(202)
    const { id } = (await begin(email).expect(202)).body
    await service.send('get', `/registrations/${id}`, undefined, service.staff).expect(404)
  })

  it('is over after an hour, and leaves nothing', async () => {
    const { id } = (await begin(newAddress()).expect(202)).body
    const { code } = await mail(id)
    service.pass(CONFIRM_MS + 1)
    await confirm(id, code).expect(404)
    await service.first.registrations.sweep()
    assert.equal(await service.db.collection('pendingRegistrations').countDocuments(), 0)
  })

  it('shows its code to staff and to the service that mails only', async () => {
    const { id } = (await begin(newAddress()).expect(202)).body
    const read = (header?: string) => service.send('get', `/registrations/${id}`, undefined, header)
    await read().expect(401)
    await read(customer().header).expect(403)
    await read(callers.service('cart', 'identity')).expect(403)
    await read(callers.service('marketing', 'identity')).expect(200)
  })

  for (const [what, password] of [
    ['of 7 characters', 'a1b2c3d'],
    ['of 7 characters that take two units each', '🐎🐎🐎🐎🐎🐎🐎'],
    ['of 129 characters', 'x'.repeat(129)],
    ['that is common', 'Password123'],
    ['that is common, typed in full width', 'ｐａｓｓｗｏｒｄ１'],
    ['that is the address', 'ada.lovelace@example.com']
  ] as const) {
    it(`refuses a password ${what}, and names the place`, async () => {
      service.pass(CONFIRM_MS + 1) // The address has no registration that waits.
      const { id } = (await begin('ada.lovelace@example.com').expect(202)).body
      const { code } = await mail(id)
      const { body, text } = await confirm(id, code, password).expect(400)
      assert.equal(body.errors[0].pointer, '/body/password')
      assert.ok(!text.includes(password))
    })
  }

  it('takes a password of 128 characters, and one of 8', async () => {
    for (const password of ['x'.repeat(128), 'kcq zvu ']) await service.register(newAddress(), password)
  })

  it('of staff is for staff only', async () => {
    const body = { email: newAddress(), password: PASSWORD }
    await service.send('post', '/staff', body).expect(401)
    await service.send('post', '/staff', body, customer().header).expect(403)
    const { body: made, headers } = await service.send('post', '/staff', body, service.staff).expect(201)
    assert.deepEqual([made.id.slice(0, 4), headers.location], ['stf_', `staff/${made.id}`])
    await service.send('get', `/staff/${made.id}`, undefined, service.staff).expect(200)
    await service.send('post', '/staff', body, service.staff).expect(409)
    const { accessToken } = (await service.signIn(body.email).expect(201)).body
    const claims = JSON.parse(Buffer.from(accessToken.split('.')[1], 'base64url').toString())
    assert.deepEqual([claims.sub, claims.roles], [made.id, ['staff']])
  })

  it('gives an account that its customer and staff see, without the password, and nobody else', async () => {
    const { id, email } = await service.register()
    const see = (header?: string) => service.send('get', `/customers/${id}`, undefined, header)
    const { body, headers } = await see(customer(id).header).expect(200)
    assert.deepEqual([Object.keys(body).sort(), body.email], [['createdAt', 'email', 'id', 'version'], email])
    assert.equal(headers['cache-control'], 'no-store')
    await see(service.staff).expect(200)
    await see(customer().header).expect(404)
    await see().expect(401)
  })
})
