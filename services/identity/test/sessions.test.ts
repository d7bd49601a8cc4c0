import assert from 'node:assert/strict'
import { tokenVerifier } from '@bulkhead/chassis/auth'
import { customer } from '@bulkhead/testing/callers'
import { silentLog } from '@bulkhead/testing/silent'
import request from 'supertest'
import { RETRY_MS } from '../src/sessions/rotation.ts'
import { MAX_SESSIONS, SESSION_MS } from '../src/sessions/store.ts'
import { ISSUER, PASSWORD, startIdentity, type TestIdentity } from './helper.ts'

const REFRESH_COOKIE =
  /^refresh=ses_\S+; Path=\/api\/v1\/identity\/sessions; Max-Age=(2591999|2592000); HttpOnly; Secure; SameSite=Strict$/

describe('sessions', () => {
  let service: TestIdentity
  before(async () => {
    service = await startIdentity({ replicas: 2 })
  })
  after(() => service.close())

  const stored = () => service.db.collection<{ _id: string; account: string }>('sessions')

  /** Registers a customer and signs in. */
  async function startSession() {
    const { id, email } = await service.register()
    const { body } = await service.signIn(email).expect(201)
    return { id, email, token: body.refreshToken as string }
  }
  const refresh = async (token: string, turn = 0) =>
    (await service.refresh(token, turn).expect(200)).body.refreshToken as string

  it('give an access token that every service accepts for a quarter of an hour', async () => {
    const { id, email } = await service.register()
    const { body, headers } = await service.signIn(email).expect(201)
    assert.equal(body.tokenType, 'Bearer')
    assert.equal(body.expiresIn, 900)
    assert.equal(headers['cache-control'], 'no-store')
    let late = 0
    const verify = tokenVerifier({
      service: 'any',
      people: { issuer: ISSUER, jwks: `${service.first.url}/.well-known/jwks.json` },
      services: { issuer: 'x', jwks: 'file:///none', namespace: 'x' },
      clock: { now: () => new Date(Date.now() + late) },
      log: silentLog
    })
    const authorization = `Bearer ${body.accessToken}`
    assert.deepEqual(await verify(authorization), { kind: 'person', id, roles: ['customer'] })
    late = 899_000 - 1_000
    await verify(authorization)
    late = 901_000
    assert.throws(() => verify(authorization), { status: 401 })
  })

  it('have their refresh token in a cookie for their own paths, or in the body if the caller asks', async () => {
    const { email } = await service.register()
    const answer = await request(service.first.url)
      .post('/sessions')
      .set('X-Forwarded-Prefix', '/api/v1/identity')
      .send({ email, password: PASSWORD })
      .expect(201)
    assert.equal(answer.body.refreshToken, undefined)
    const [cookie] = answer.headers['set-cookie'] as unknown as string[]
    assert.match(cookie!, REFRESH_COOKIE)
    const again = await request(service.first.url)
      .post('/sessions/refresh')
      .set('Cookie', `other=1; ${cookie!.split(';')[0]}`)
      .send({})
      .expect(200)
    assert.equal(again.body.refreshToken, undefined)
    assert.match(again.headers['set-cookie']![0]!, /^refresh=ses_/)
    const { headers, body } = await service.signIn(email).expect(201)
    assert.equal(headers['set-cookie'], undefined)
    assert.match(body.refreshToken, /^ses_/)
  })

  it('are stored with hashes instead of tokens', async () => {
    const { token } = await startSession()
    const [id, family, turn] = token.split('.')
    const session = JSON.stringify(await stored().findOne({ _id: id! }))
    assert.ok(session.includes(id!))
    assert.ok(!session.includes(family!) && !session.includes(turn!))
  })

  it('rotate their refresh token on any replica', async () => {
    let { token } = await startSession()
    const seen = new Set([token])
    for (let turn = 0; turn < 6; turn++) {
      token = await refresh(token, turn)
      seen.add(token)
    }
    assert.equal(seen.size, 7)
  })

  it('end when a token that was replaced long ago is used again', async () => {
    for (const turns of [1, 5]) {
      const { token: stolen } = await startSession()
      let token = stolen
      for (let turn = 0; turn < turns; turn++) token = await refresh(token)
      service.pass(RETRY_MS + 1)
      await service.refresh(stolen).expect(401)
      await service.refresh(token).expect(401)
    }
    const { values } = await service.first.registry.getSingleMetric('bulkhead_refresh_tokens_reused_total')!.get()
    assert.equal(values[0]!.value, 2)
  })

  it('end when the token before the previous one is used, even at once', async () => {
    const { token } = await startSession()
    const last = await refresh(await refresh(token))
    await service.refresh(token).expect(401)
    await service.refresh(last).expect(401)
  })

  it('return a 401 for a forged token and do not end', async () => {
    const { token } = await startSession()
    const [id, family] = token.split('.')
    const forged = [`${id}.${'A'.repeat(22)}.${'A'.repeat(22)}`, `${id}.${family}`, id!, 'x', `${token}x`]
    for (const text of forged) await service.refresh(text).expect(401)
    await refresh(token)
  })

  it('give the same successor to a client that sends a token again at once, because its answer may be lost', async () => {
    const { token } = await startSession()
    const first = await refresh(token)
    service.pass(RETRY_MS - 5_000)
    assert.equal(await refresh(token, 1), first)
    await refresh(first)
  })

  it('rotate once when the same token comes to two replicas at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      const { token } = await startSession()
      const successors = await Promise.all(Array.from({ length: 8 }, (_, turn) => refresh(token, turn)))
      assert.equal(new Set(successors).size, 1)
      await refresh(successors[0]!)
    }
  })

  it('last for 30 days, however often they are refreshed', async () => {
    const { token } = await startSession()
    service.pass(SESSION_MS - 60_000)
    const last = await refresh(token)
    service.pass(61_000)
    await service.refresh(last).expect(401)
  })

  it('end by signing out, once or twice, while other sessions continue', async () => {
    const { email, token } = await startSession()
    const { body: other } = await service.signIn(email).expect(201)
    for (let turn = 0; turn < 2; turn++)
      await service.send('post', '/sessions/sign-out', { refreshToken: token }).expect(204)
    await service.send('post', '/sessions/sign-out', {}).expect(204)
    await service.refresh(token).expect(401)
    await refresh(other.refreshToken)
  })

  it('end by signing out everywhere, even if their documents stay after a kill', async () => {
    const { id, email, token } = await startSession()
    const { body: other } = await service.signIn(email).expect(201)
    const left = await stored().find({ account: id }).toArray()
    await service.send('post', '/sessions/sign-out-everywhere').expect(401)
    await service.send('post', '/sessions/sign-out-everywhere', undefined, customer(id).header).expect(204)
    assert.equal(await stored().countDocuments({ account: id }), 0)
    await stored().insertMany(left)
    for (const ended of [token, other.refreshToken]) await service.refresh(ended, 1).expect(401)
    await refresh((await service.signIn(email).expect(201)).body.refreshToken)
  })

  it(`are limited to ${MAX_SESSIONS} for an account: a further sign-in ends the oldest`, async () => {
    const { email, token } = await startSession()
    const { body: second } = await service.signIn(email).expect(201)
    for (let count = 1; count < MAX_SESSIONS; count++) {
      service.pass(1)
      await service.signIn(email).expect(201)
    }
    await service.refresh(token).expect(401)
    await refresh(second.refreshToken)
  })
})
