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
const POINTS = ['before-write', 'after-write']

describe('the process of identity', () => {
  let database: MongoDatabase
  let log: RedisDatabase
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-identity-'))
  const file = join(folder, 'accounts.json')
  const account = { id: newId('cus'), email: 'demo@example.com', password: PASSWORD }
  let server: string
  const running: ReturnType<typeof serviceProcess>[] = []

  before(async () => {
    server = await bundled(MAIN)
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
    const started = serviceProcess(server, {
      ...{ MONGODB_URL: database.url, EVENT_LOG_URL: log.url, SIGNING_KEYS_SECRET: SECRET },
      ...{ BOOTSTRAP_ACCOUNTS_FILE: file, ...environment }
    })
    running.push(started)
    return started
  }

  async function send(url: string, method: string, path: string, body?: object, authorization?: string) {
    const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) }
    const answer = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    const text = await answer.text()
    return { status: answer.status, body: text && JSON.parse(text) }
  }
  const signIn = (url: string, { email, password } = account) =>
    send(url, 'POST', '/sessions', { email, password, refresh: 'body' })
  const refresh = (url: string, refreshToken: string) => send(url, 'POST', '/sessions/refresh', { refreshToken })

  it('has the accounts of its file, once, with the password that the file has', async () => {
    const url = await run().ready()
    assert.equal((await signIn(url)).status, 201)
    const changed = { ...account, password: 'another horse battery' }
    writeFileSync(file, JSON.stringify([changed]))
    const [one, other] = await Promise.all([run().ready(), run().ready()])
    assert.equal((await signIn(one!)).status, 401)
    assert.equal((await signIn(other!, changed)).status, 201)
    assert.equal(await database.db.collection('accounts').countDocuments(), 1)
  })

  it('makes an account of its file that was erased anew, as another one', async () => {
    const staff = callers.staff().header
    const first = await run().ready()
    assert.equal((await send(first, 'DELETE', `/customers/${account.id}`, {}, staff)).status, 202)
    const next = await run().ready()
    assert.equal((await signIn(next)).status, 201)
    assert.equal((await send(next, 'GET', `/customers/${account.id}`, undefined, staff)).status, 404)
  })

  it('is ready and ends with code 0 at SIGTERM; does not start without its secret', async () => {
    const { ready, stop, ended } = run()
    await ready()
    stop()
    assert.deepEqual(await ended, [0, null])
    const bad = run({ SIGNING_KEYS_SECRET: 'short' })
    assert.equal((await bad.ended)[0], 1)
    assert.match(bad.written.error, /SIGNING_KEYS_SECRET/)
    assert.ok(!bad.written.error.includes('short'))
  })

  it('writes no password, token or address into its log', async () => {
    const { ready, written } = run({ LOG_LEVEL: 'trace' })
    const url = await ready()
    const { body } = await signIn(url)
    await refresh(url, body.refreshToken)
    const { body: registration } = await send(url, 'POST', '/registrations', { email: account.email })
    const confirmation = { code: 'no code of it', password: PASSWORD }
    await send(url, 'PUT', `/registrations/${registration.id}/confirmation`, confirmation)
    for (const secret of [PASSWORD, body.refreshToken, body.accessToken, account.email])
      assert.ok(!(written.out + written.error).includes(secret))
  })

  for (const point of POINTS) {
    it(`gives the next tokens elsewhere when a refresh is killed ${point}, and ends the session of nobody`, async () => {
      const [killed, living] = [run({ KILL_AT: `${point}:sessions.update` }), run()]
      const [first, second] = await Promise.all([killed.ready(), living.ready()])
      const { body } = await signIn(second!)
      await assert.rejects(refresh(first!, body.refreshToken))
      assert.deepEqual(await killed.ended, [null, 'SIGKILL'])
      const next = await refresh(second!, body.refreshToken)
      assert.equal(next.status, 200)
      assert.equal((await refresh(second!, next.body.refreshToken)).status, 200)
    })

    it(`erases once when an erasure is killed ${point}`, async () => {
      const { header } = callers.customer(account.id)
      const killed = run({ KILL_AT: `${point}:accounts.update` })
      const url = await killed.ready()
      await signIn(url)
      const path = `/customers/${account.id}`
      await assert.rejects(send(url, 'DELETE', path, { password: PASSWORD }, header))
      await killed.ended
      await database.db.collection('leases').deleteMany({}) // else the dead one's run out after some minutes
      const wasErased = point === 'after-write'
      writeFileSync(file, '[]') // or it would be made anew
      const living = await run().ready()
      const staff = callers.staff().header
      if (wasErased) {
        // Without being asked again: its event goes out, and what else there was is removed.
        await until(async () => {
          const { body } = await send(living, 'GET', `/erasures/${account.id}`, undefined, staff)
          return body.reports?.length === 1
        })
      } else {
        assert.equal((await signIn(living)).status, 201)
        assert.equal((await send(living, 'GET', `/erasures/${account.id}`, undefined, staff)).status, 404)
      }
      assert.equal((await send(living, 'DELETE', path, { password: PASSWORD }, header)).status, 202)
      assert.equal((await signIn(living)).status, 401)
      assert.equal(await database.db.collection('sessions').countDocuments(), 0)
      const subjects = async () =>
        (await log.redis.xrange('events.identity', '-', '+')).map(([, [, event]]) => JSON.parse(event!).subject)
      await until(async () => (await subjects()).length > 0)
      assert.deepEqual(await subjects(), [account.id])
    })
  }
})
