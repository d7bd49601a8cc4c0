import assert from 'node:assert/strict'
import { newId, newSecretId } from '@bulkhead/chassis/core'
import * as callers from '@bulkhead/testing/callers'
import { hashPassword } from '../src/passwords/hash.ts'
import { CONFIRM_MS, MAX_REGISTRATIONS } from '../src/registrations/store.ts'
import { newAddress, PASSWORD, startIdentity, type TestIdentity } from './helper.ts'

const { customer } = callers

describe('registrations', () => {
  let service: TestIdentity
  before(async () => {
    service = await startIdentity({ replicas: 2 })
  })
  after(() => service.close())

  const begin = (email: string) => service.send('post', '/registrations', { email })
  const readMail = async (id: string) =>
    (await service.send('get', `/registrations/${id}`, undefined, service.staff).expect(200)).body
  const confirm = (id: string, code: string, password = PASSWORD, turn = 0) =>
    service.send('put', `/registrations/${id}/confirmation`, { code, password }, undefined, turn)

  /** Starts a registration and reads its mail. */
  async function beginAndRead(email: string) {
    const { id } = (await begin(email).expect(202)).body as { id: string }
    const { code } = (await readMail(id)) as { code: string }
    return { id, code }
  }

  it('create an account when the code of the mail is sent, and not before', async () => {
    const email = newAddress()
    const { id } = (await begin(email).expect(202)).body
    await service.signIn(email).expect(401)
    const { code, ...rest } = await readMail(id)
    assert.deepEqual(rest, { id, email, known: false })
    await confirm(id, `${code}x`).expect(404)
    const { body } = await confirm(id, code).expect(200)
    assert.equal(body.email, email)
    assert.match(body.id, /^cus_/)
    await service.signIn(email).expect(201)
  })

  it('create only one account, even if the code is sent several times at once', async () => {
    const { id, code } = await beginAndRead(newAddress())
    const answers = await Promise.all([0, 1, 2, 3].map(turn => confirm(id, code, PASSWORD, turn).expect(200)))
    assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
  })

  it('keep the first password when the code is sent again with a different one', async () => {
    const email = newAddress()
    const { id, code } = await beginAndRead(email)
    await confirm(id, code, 'first password').expect(200)
    await confirm(id, code, 'other password').expect(200)
    await service.signIn(email, 'other password').expect(401)
    await service.signIn(email, 'first password').expect(201)
  })

  it('accept a password only from the reader of the mail', async () => {
    const email = newAddress()
    const refused = await service.send('post', '/registrations', { email, password: 'of an attacker' }).expect(400)
    assert.deepEqual(refused.body.errors, [{ pointer: '/body/password', detail: 'It is not known' }])
    const { id, code } = await beginAndRead(email)
    const { errors } = (await service.send('put', `/registrations/${id}/confirmation`, { code }).expect(400)).body
    assert.deepEqual(errors, [{ pointer: '/body/password', detail: 'It is missing' }])
    await confirm(id, code).expect(200)
    await service.signIn(email).expect(201)
  })

  it('store no password before the code is sent', async () => {
    await begin(newAddress()).expect(202)
    const stored = await service.db.collection('pendingRegistrations').find().toArray()
    assert.ok(!JSON.stringify(stored).includes('argon2'))
  })

  it('of an earlier release are confirmed with a new password, and their stored password is not used', async () => {
    const email = newAddress()
    const stored = {
      _id: newSecretId('reg'),
      customer: newId('cus'),
      email,
      code: 'the-code-of-release-1',
      createdAt: service.clock.now(),
      password: await hashPassword('of an attacker')
    }
    const earlier = service.db.collection<typeof stored>('registrations')
    await earlier.insertOne(stored)
    assert.equal((await readMail(stored._id)).code, stored.code)
    assert.equal((await confirm(stored._id, stored.code).expect(200)).body.id, stored.customer)
    await service.signIn(email).expect(201)
    service.pass(CONFIRM_MS + 1)
    await service.first.registrations.sweep()
    assert.equal(await earlier.countDocuments(), 0)
  })

  it('return the same for an address that has an account: only the mail shows the difference', async () => {
    const { email } = await service.register()
    const [known, unknown] = [await begin(email).expect(202), await begin(newAddress()).expect(202)]
    assert.deepEqual(Object.keys(known.body), Object.keys(unknown.body))
    assert.equal(known.body.id.length, unknown.body.id.length)
    const { code, known: isKnown } = await readMail(known.body.id)
    assert.equal(isKnown, true)
    const { body } = await confirm(known.body.id, code).expect(409)
    assert.equal(body.type, 'urn:bulkhead:problem:address-taken')
    await service.signIn(email, PASSWORD).expect(201)
  })

  it('of one address by two people give the address to the person who confirms first', async () => {
    const email = newAddress()
    const [one, other] = [await beginAndRead(email), await beginAndRead(email)]
    const answers = await Promise.all([
      confirm(one.id, one.code, 'first password', 0),
      confirm(other.id, other.code, 'other password', 1)
    ])
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409])
    await service.signIn(email, answers[0].status === 200 ? 'first password' : 'other password').expect(201)
  })

  it(`send an address at most ${MAX_REGISTRATIONS} mails an hour, and return the same answer above that limit`, async () => {
    const email = newAddress()
    for (let turn = 0; turn < MAX_REGISTRATIONS; turn++) await begin(email).expect(202)
    const { id } = (await begin(email).expect(202)).body
    await service.send('get', `/registrations/${id}`, undefined, service.staff).expect(404)
  })

  it('expire after an hour and are removed', async () => {
    const { id, code } = await beginAndRead(newAddress())
    service.pass(CONFIRM_MS + 1)
    await confirm(id, code).expect(404)
    await service.first.registrations.sweep()
    assert.equal(await service.db.collection('pendingRegistrations').countDocuments(), 0)
  })

  it('show their code only to staff and to the service that mails', async () => {
    const { id } = (await begin(newAddress()).expect(202)).body
    const read = (header?: string) => service.send('get', `/registrations/${id}`, undefined, header)
    await read().expect(401)
    await read(customer().header).expect(403)
    await read(callers.service('cart', 'identity')).expect(403)
    await read(callers.service('marketing', 'identity')).expect(200)
  })

  const refusedPasswords = [
    { title: 'of 7 characters', password: 'a1b2c3d' },
    { title: 'of 7 characters with two UTF-16 units each', password: '🐎🐎🐎🐎🐎🐎🐎' },
    { title: 'of 129 characters', password: 'x'.repeat(129) },
    { title: 'that is common', password: 'Password123' },
    { title: 'that is common, in full-width characters', password: 'ｐａｓｓｗｏｒｄ１' },
    { title: 'that is the address', password: 'ada.lovelace@example.com' }
  ]
  for (const { title, password } of refusedPasswords) {
    it(`return a 400 that points to a password ${title}`, async () => {
      // Registrations of other tests must not count towards the limit of the address.
      service.pass(CONFIRM_MS + 1)
      const { id, code } = await beginAndRead('ada.lovelace@example.com')
      const { body, text } = await confirm(id, code, password).expect(400)
      assert.equal(body.errors[0].pointer, '/body/password')
      assert.ok(!text.includes(password))
    })
  }

  it('accept a password of 8 characters and one of 128', async () => {
    for (const password of ['x'.repeat(128), 'kcq zvu ']) await service.register(newAddress(), password)
  })
})
