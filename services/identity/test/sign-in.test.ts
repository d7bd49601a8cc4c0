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
  const signInFrom = (address: string, email: string, password: string) =>
    request(service.first.url).post('/sessions').set('X-Forwarded-For', address).send({ email, password })

  /** Sends failing sign-ins to an address until it must wait. */
  async function lock(email: string) {
    for (let turn = 0; turn < 5; turn++) await fail(email, {}, turn).expect(401)
  }

  it('returns the same 401 for an unknown address and for a wrong password', async () => {
    const { email } = await service.register()
    const answers = [await fail(email).expect(401), await fail(newAddress()).expect(401)]
    const [one, other] = answers.map(({ body, headers }) => {
      const { 'x-request-id': _, date: __, ...rest } = headers
      return { body, headers: rest }
    })
    assert.deepEqual(one, other)
    assert.equal(one!.body.type, 'urn:bulkhead:problem:wrong-credentials')
  })

  it('takes the same time for an unknown address and for a wrong password', async () => {
    const { email } = await service.register()
    const unknown: number[] = []
    const wrong: number[] = []
    for (let turn = 0; turn < 24; turn++) {
      await service.db.collection('attempts').deleteMany({})
      const start = performance.now()
      await fail(turn % 2 ? email : newAddress()).expect(401)
      const times = turn % 2 ? wrong : unknown
      times.push(performance.now() - start)
    }
    const median = (times: number[]) => times.toSorted((one, other) => one - other)[times.length / 2]!
    const medians = { unknown: median(unknown), wrong: median(wrong) }
    // Without the hashing of a password, an answer takes about 5 ms instead of 40 ms.
    const isSimilar = medians.unknown > medians.wrong / 2 && medians.wrong > medians.unknown / 2
    assert.ok(isSimilar, JSON.stringify(medians))
  })

  it('ignores upper and lower case in the address, and accepts a password with different code points for the same text', async () => {
    const { email } = await service.register(newAddress(), 'grüße ﬁnd mich')
    await service.signIn(email.toUpperCase(), 'gru\u0308ße find mich').expect(201)
    await service.signIn(email, 'Grüße ﬁnd mich').expect(401)
  })

  it('returns a 429 for longer and longer after failures on any replica, even with the correct password', async () => {
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

  it('returns a 429 for an unknown address too', async () => {
    const email = newAddress()
    await lock(email)
    await fail(email).expect(429)
  })

  it('gives no additional guesses to a client that sends many attempts at once to two replicas', async () => {
    const { email } = await service.register()
    const answers = await Promise.all(Array.from({ length: 30 }, (_, turn) => fail(email, {}, turn)))
    const statuses = answers.map(({ status }) => status)
    assert.equal(statuses.filter(status => status === 401).length, 5)
    assert.equal(statuses.filter(status => status === 429).length, 25)
  })

  it('lets the owner in with an earlier session, even if the session is over, while others fail', async () => {
    const { email } = await service.register()
    const { refreshToken } = (await service.signIn(email).expect(201)).body
    await service.send('post', '/sessions/sign-out', { refreshToken }).expect(204)
    await lock(email)
    await service.signIn(email).expect(429)
    const { body } = await service.signIn(email, PASSWORD, { refreshToken }).expect(201)
    await service.signIn(email).expect(429)
    await request(service.first.url)
      .post('/sessions')
      .set('Cookie', `refresh=${body.refreshToken}`)
      .send({ email, password: PASSWORD })
      .expect(201)
  })

  it('counts failures with an earlier session too, and accepts neither a forged session nor one of another account', async () => {
    const [mine, other] = [await service.register(), await service.register()]
    const { refreshToken } = (await service.signIn(mine.email).expect(201)).body
    for (let turn = 0; turn < 5; turn++) await fail(mine.email, { refreshToken }).expect(401)
    await fail(mine.email, { refreshToken }).expect(429)
    await lock(other.email)
    const [id] = refreshToken.split('.')
    const forged = `${id}.${'A'.repeat(22)}.${'A'.repeat(22)}`
    for (const token of [refreshToken, forged])
      await service.signIn(other.email, PASSWORD, { refreshToken: token }).expect(429)
  })

  it('recognises no owner by a session that was removed after 90 days', async () => {
    const { email } = await service.register()
    const { refreshToken } = (await service.signIn(email).expect(201)).body
    service.pass(RECOGNITION_MS + 1)
    await service.first.sessions.sweep()
    await lock(email)
    await service.signIn(email, PASSWORD, { refreshToken }).expect(429)
  })

  it('returns a 429 to a client address that tries many accounts, and to no other address', async () => {
    const { email } = await service.register()
    for (let turn = 0; turn < 50; turn++) await signInFrom('192.0.2.1', newAddress(), 'wrong password').expect(401)
    await signInFrom('192.0.2.1', email, PASSWORD).expect(429)
    await signInFrom('192.0.2.2', email, PASSWORD).expect(201)
    service.pass(2_000)
    await signInFrom('192.0.2.1', email, PASSWORD).expect(201)
  })

  it('stores failures without mail address and client address, and removes them after a day', async () => {
    const email = newAddress()
    await signInFrom('192.0.2.3', email, 'x')
    const stored = JSON.stringify(await service.db.collection('attempts').find().toArray())
    assert.ok(!stored.includes(email) && !stored.includes('192.0.2.3'))
    service.pass(25 * 3_600_000)
    await service.first.attempts.sweep()
    assert.equal(await service.db.collection('attempts').countDocuments(), 0)
  })
})
