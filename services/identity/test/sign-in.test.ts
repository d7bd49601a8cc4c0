import assert from 'node:assert/strict'
import request from 'supertest'
import { RECOGNITION_MS } from '../src/sessions/store.ts'
import { newAddress, PASSWORD, startIdentity, type TestIdentity } from './helper.ts'

describe('signing in', () => {
  let service: TestIdentity
  before(async () => {
    service = await startIdentity({ replicas: 2 })
  })
  after(() => service.close())

  const fail = (email: string, more = {}, turn = 0) => service.signIn(email, 'wrong password', more, turn)

  /** Has an address fail until it must wait. */
  async function lock(email: string) {
    for (let turn = 0; turn < 5; turn++) await fail(email, {}, turn).expect(401)
  }

  it('is answered the same for an unknown address and for a wrong password', async () => {
    const { email } = await service.register()
    const answers = [await fail(email).expect(401), await fail(newAddress()).expect(401)]
    const [one, other] = answers.map(({ body, headers }) => {
      const { 'x-request-id': _, date: __, ...rest } = headers
      return { body, headers: rest }
    })
    assert.deepEqual(one, other)
    assert.equal(one!.body.type, 'urn:bulkhead:problem:wrong-credentials')
  })

  it('takes the same time for both', async () => {
    const { email } = await service.register()
    const times: [number[], number[]] = [[], []]
    for (let turn = 0; turn < 24; turn++) {
      await service.db.collection('attempts').deleteMany({})
      const start = performance.now()
      await fail(turn % 2 ? email : newAddress()).expect(401)
      times[turn % 2]!.push(performance.now() - start)
    }
    const [unknown, wrong] = times.map(list => list.sort((one, other) => one - other)[list.length / 2]!)
    // Without the work on a password an answer takes some 5 ms in place of 40.
    assert.ok(unknown! > wrong! / 2 && wrong! > unknown! / 2, `${unknown} and ${wrong} ms`)
  })

  it('takes any capitals in the address, and different ways to type the password', async () => {
    const { email } = await service.register(newAddress(), 'grüße ﬁnd mich')
    await service.signIn(email.toUpperCase(), 'gru\u0308ße find mich').expect(201)
    await service.signIn(email, 'Grüße ﬁnd mich').expect(401)
  })

  it('must wait, ever longer, after failures on any replica; the right password too', async () => {
    const { email } = await service.register()
    await lock(email)
    const { body, headers } = await service.signIn(email).expect(429)
    assert.equal(body.type, 'urn:bulkhead:problem:too-many-attempts')
    assert.ok(Number(headers['retry-after']) > 25 && Number(headers['retry-after']) <= 30)
    service.pass(30_000)
    await fail(email).expect(401)
    assert.ok(Number((await service.signIn(email, PASSWORD, {}, 1).expect(429)).headers['retry-after']) > 55)
    service.pass(60_000)
    await service.signIn(email).expect(201)
    await fail(email).expect(401)
    await service.signIn(email).expect(201)
  })

  it('must wait for an unknown address alike', async () => {
    const email = newAddress()
    await lock(email)
    await fail(email).expect(429)
  })

  it('gives no more guesses to who sends them all at once, to two replicas', async () => {
    const { email } = await service.register()
    const answers = await Promise.all(Array.from({ length: 30 }, (_, turn) => fail(email, {}, turn)))
    const statuses = answers.map(({ status }) => status)
    assert.equal(statuses.filter(status => status === 401).length, 5)
    assert.equal(statuses.filter(status => status === 429).length, 25)
  })

  it('lets the owner in from a session, one that is over too, while others fail', async () => {
    const { email } = await service.register()
    const { refreshToken } = (await service.signIn(email).expect(201)).body
    await service.send('post', '/sessions/sign-out', { refreshToken }).expect(204)
    await lock(email)
    await service.signIn(email).expect(429)
    const { body } = await service.signIn(email, PASSWORD, { refreshToken }).expect(201)
    await service.signIn(email).expect(429)
    const cookie = `refresh=${body.refreshToken}`
    await request(service.first.url)
      .post('/sessions')
      .set('Cookie', cookie)
      .send({ email, password: PASSWORD })
      .expect(201)
  })

  it('counts failures from a session too, and does not take the session of another account, or a forged one', async () => {
    const [mine, other] = [await service.register(), await service.register()]
    const { refreshToken } = (await service.signIn(mine.email).expect(201)).body
    for (let turn = 0; turn < 5; turn++) await fail(mine.email, { refreshToken }).expect(401)
    await fail(mine.email, { refreshToken }).expect(429)
    await lock(other.email)
    const [id] = refreshToken.split('.')
    for (const token of [refreshToken, `${id}.${'A'.repeat(22)}.${'A'.repeat(22)}`])
      await service.signIn(other.email, PASSWORD, { refreshToken: token }).expect(429)
  })

  it('forgets sessions in the end', async () => {
    const { email } = await service.register()
    const { refreshToken } = (await service.signIn(email).expect(201)).body
    service.pass(RECOGNITION_MS + 1)
    await service.first.sessions.sweep()
    await lock(email)
    await service.signIn(email, PASSWORD, { refreshToken }).expect(429)
  })

  it('slows an address of clients down that tries one account after another, and no other address', async () => {
    const from = (address: string, email: string, password: string) =>
      request(service.first.url).post('/sessions').set('X-Forwarded-For', address).send({ email, password })
    const { email } = await service.register()
    for (let turn = 0; turn < 50; turn++) await from('192.0.2.1', newAddress(), 'wrong password').expect(401)
    await from('192.0.2.1', email, PASSWORD).expect(429)
    await from('192.0.2.2', email, PASSWORD).expect(201)
    service.pass(2_000)
    await from('192.0.2.1', email, PASSWORD).expect(201)
  })

  it('keeps no address of mail or of a client with the failures', async () => {
    const email = newAddress()
    await request(service.first.url)
      .post('/sessions')
      .set('X-Forwarded-For', '192.0.2.3')
      .send({ email, password: 'x' })
    const stored = JSON.stringify(await service.db.collection('attempts').find().toArray())
    assert.ok(!stored.includes(email) && !stored.includes('192.0.2.3'))
    service.pass(25 * 3_600_000)
    await service.first.attempts.sweep()
    assert.equal(await service.db.collection('attempts').countDocuments(), 0)
  })
})
