import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '@bulkhead/chassis/core'
import { bundled } from '@bulkhead/testing/bundled'
import * as callers from '@bulkhead/testing/callers'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { serviceProcess } from '@bulkhead/testing/service-process'
import { until } from '@bulkhead/testing/until'
import { PASSWORD, SECRET } from './helper.ts'

const MAIN = join(import.meta.dirname, '../src/main.ts')

describe('the process of identity', () => {
  let database: MongoDatabase
  let log: RedisDatabase
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-identity-'))
  const file = join(folder, 'accounts.json')
  const account = { id: newId('cus'), email: 'demo@example.com', password: PASSWORD }
  const staff = callers.staff().header
  let program: string
  const running: ReturnType<typeof serviceProcess>[] = []

  before(async () => {
    program = await bundled(MAIN)
  })
  beforeEach(async () => {
    database = await mongoDatabase()
    log = await redisDatabase()
    writeFileSync(file, JSON.stringify([account]))
  })
  afterEach(async () => {
    for (const { stop, ended } of running.splice(0)) {
      stop('SIGKILL')
      await ended
    }
    await Promise.all([database.close(), log.close()])
  })
  after(() => rmSync(folder, { recursive: true }))

  function run(environment: Record<string, string> = {}) {
    const started = serviceProcess(program, {
      MONGODB_URL: database.url,
      EVENT_LOG_URL: log.url,
      SIGNING_KEYS_SECRET: SECRET,
      BOOTSTRAP_ACCOUNTS_FILE: file,
      ...environment
    })
    running.push(started)
    return started
  }

  async function send(url: string, method: string, path: string, body?: object, authorization?: string) {
    const headers = new Headers({ 'content-type': 'application/json' })
    if (authorization) headers.set('authorization', authorization)
    const answer = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) })
    const text = await answer.text()
    return { status: answer.status, body: text && JSON.parse(text) }
  }
  const signIn = (url: string, { email, password } = account) =>
    send(url, 'POST', '/sessions', { email, password, refresh: 'body' })
  const refresh = (url: string, refreshToken: string) => send(url, 'POST', '/sessions/refresh', { refreshToken })
  const getErasure = (url: string) => send(url, 'GET', `/erasures/${account.id}`, undefined, staff)
  const erase = (url: string) => {
    const { header } = callers.customer(account.id)
    return send(url, 'DELETE', `/customers/${account.id}`, { password: PASSWORD }, header)
  }

  /** Asserts that the customer is erased, and that only one event about the erasure was published. */
  async function assertErasedOnce(url: string) {
    assert.equal((await erase(url)).status, 202)
    assert.equal((await signIn(url)).status, 401)
    assert.equal(await database.db.collection('sessions').countDocuments(), 0)
    const readSubjects = async () =>
      (await log.redis.xrange('events.identity', '-', '+')).map(([, [, event]]) => JSON.parse(event!).subject)
    await until(async () => (await readSubjects()).length > 0)
    assert.deepEqual(await readSubjects(), [account.id])
  }

  it('creates each account of its file once, with the password in the file', async () => {
    const url = await run().ready()
    assert.equal((await signIn(url)).status, 201)
    const changed = { ...account, password: 'another horse battery' }
    writeFileSync(file, JSON.stringify([changed]))
    const [one, other] = await Promise.all([run().ready(), run().ready()])
    assert.equal((await signIn(one)).status, 401)
    assert.equal((await signIn(other, changed)).status, 201)
    assert.equal(await database.db.collection('accounts').countDocuments(), 1)
  })

  it('creates an erased account of its file again, under a different ID', async () => {
    const first = await run().ready()
    assert.equal((await send(first, 'DELETE', `/customers/${account.id}`, {}, staff)).status, 202)
    const next = await run().ready()
    assert.equal((await signIn(next)).status, 201)
    assert.equal((await send(next, 'GET', `/customers/${account.id}`, undefined, staff)).status, 404)
  })

  it('ends with code 0 at SIGTERM, and does not start with a short secret', async () => {
    const { ready, stop, ended } = run()
    await ready()
    stop()
    assert.deepEqual(await ended, [0, null])
    const bad = run({ SIGNING_KEYS_SECRET: 'short' })
    assert.equal((await bad.ended)[0], 1)
    assert.match(bad.written.error, /SIGNING_KEYS_SECRET/)
    assert.ok(!bad.written.error.includes('short'))
  })

  it('logs no password, token or address', async () => {
    const { ready, written } = run({ LOG_LEVEL: 'trace' })
    const url = await ready()
    const { body } = await signIn(url)
    await refresh(url, body.refreshToken)
    const { body: registration } = await send(url, 'POST', '/registrations', { email: account.email })
    const confirmation = { code: 'a wrong code', password: PASSWORD }
    await send(url, 'PUT', `/registrations/${registration.id}/confirmation`, confirmation)
    for (const secret of [PASSWORD, body.refreshToken, body.accessToken, account.email])
      assert.ok(!(written.out + written.error).includes(secret))
  })

  for (const point of ['before-write', 'after-write']) {
    it(`gives the next tokens on another replica when a replica is killed at the point ${point} of a refresh`, async () => {
      const [killed, living] = [run({ KILL_AT: `${point}:sessions.update` }), run()]
      const [first, second] = await Promise.all([killed.ready(), living.ready()])
      const { body } = await signIn(second)
      await assert.rejects(refresh(first, body.refreshToken))
      assert.deepEqual(await killed.ended, [null, 'SIGKILL'])
      const next = await refresh(second, body.refreshToken)
      assert.equal(next.status, 200)
      assert.equal((await refresh(second, next.body.refreshToken)).status, 200)
    })
  }

  /** Starts a replica that is killed while it erases the customer, and then another replica. */
  async function eraseAndKill(point: string) {
    const killed = run({ KILL_AT: `${point}:accounts.update` })
    const url = await killed.ready()
    await signIn(url)
    await assert.rejects(erase(url))
    await killed.ended
    // Otherwise the leases of the killed process would last for minutes.
    await database.db.collection('leases').deleteMany({})
    // The next process must not create the account again.
    writeFileSync(file, '[]')
    return run().ready()
  }

  it('erases once when the replica is killed before its write, after which the request must be sent again', async () => {
    const living = await eraseAndKill('before-write')
    assert.equal((await signIn(living)).status, 201)
    assert.equal((await getErasure(living)).status, 404)
    await assertErasedOnce(living)
  })

  it('erases once when the replica is killed after its write, even if the request is not sent again', async () => {
    const living = await eraseAndKill('after-write')
    await until(async () => (await getErasure(living)).body.reports?.length === 1)
    await assertErasedOnce(living)
  })
})
