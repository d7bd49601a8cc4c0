import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '@bulkhead/chassis/core'
import { bundled } from '@bulkhead/testing/bundled'
import * as callers from '@bulkhead/testing/callers'
import { httpServer } from '@bulkhead/testing/http-server'
import { type MongoDatabase, mongoDatabase } from '@bulkhead/testing/mongo-database'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { serviceProcess } from '@bulkhead/testing/service-process'
import { tcpProxy } from '@bulkhead/testing/tcp-proxy'
import { until } from '@bulkhead/testing/until'
import request from 'supertest'
import { entryPoint } from '../packages/cli/src/bundling/bundle.ts'

const SECRET = 'a-secret-of-the-tests'
const ROOT = join(import.meta.dirname, '..')
const program = (name: string) => bundled(join(ROOT, entryPoint(name)))
const expiry = { month: 12, year: 2034 }

type Process = ReturnType<typeof serviceProcess>

/** Runs payments and sandbox as two real processes. Each one gets only the address of the other, tokens and the shared secret. */
describe('payments and sandbox', () => {
  let mongo: MongoDatabase
  let [redis, provider]: [RedisDatabase, RedisDatabase] = [] as never
  let orders: Awaited<ReturnType<typeof httpServer>>
  let way: Awaited<ReturnType<typeof tcpProxy>>
  let sandbox: Process
  let sandboxUrl: string
  const tokens = mkdtempSync(join(tmpdir(), 'bulkhead-tokens-'))
  const running: Process[] = []

  before(async () => {
    ;[mongo, redis, provider] = await Promise.all([mongoDatabase(), redisDatabase(), redisDatabase()])
    orders = await httpServer((_request, response) => {
      const amount = { amount: 1_250, currency: 'EUR' }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ amount }))
    })
    for (const [from, to] of [
      ['sandbox', 'payments'],
      ['payments', 'sandbox'],
      ['payments', 'orders']
    ] as const)
      writeFileSync(join(tokens, to), callers.service(from, to).slice('Bearer '.length))
    // The address of payments changes, because each start uses another port.
    way = await tcpProxy('http://127.0.0.1:1')
    sandbox = await run('sandbox', { REDIS_URL: provider.url, PAYMENTS_URL: way.url })
    sandboxUrl = await sandbox.ready()
  })
  after(async () => {
    for (const { stop, ended } of running) {
      stop('SIGKILL')
      await ended
    }
    way.close()
    await orders.stop()
    await Promise.all([mongo.close(), provider.close(), redis.close()])
    rmSync(tokens, { recursive: true })
  })

  async function run(name: string, environment: Record<string, string>) {
    const common = { SERVICE_TOKENS_DIR: tokens, SANDBOX_WEBHOOK_SECRET: SECRET, LOG_LEVEL: 'info' }
    const started = serviceProcess(await program(name), { ...common, ...environment })
    running.push(started)
    return started
  }

  async function payments(environment: Record<string, string> = {}) {
    const started = await run('payments', {
      MONGODB_URL: mongo.url,
      EVENT_LOG_URL: redis.url,
      ORDERS_URL: orders.url,
      SANDBOX_URL: sandboxUrl,
      ...environment
    })
    const url = await started.ready()
    way.leadTo(url)
    const header = callers.service('orders', 'payments')
    const put = (path: string, body: object = {}) =>
      request(url).put(`/payments/${path}`).set('Authorization', header).send(body)
    const get = (path: string) => request(url).get(path).set('Authorization', callers.staff().header)
    return { ...started, put, get }
  }

  async function method(number: string) {
    const { body } = await request(sandboxUrl).post('/payment-methods').send({ number, expiry, cvc: '123' }).expect(201)
    return body.id as string
  }
  const remoteOf = async (order: string) => {
    const list = request(sandboxUrl).get(`/payments?reference=${order.replace('ord_', 'pay_')}`)
    return (await list.set('Authorization', callers.staff().header).expect(200)).body.items
  }

  it('charge once, even if payments is killed before and after each call of its provider', async () => {
    const approved = await method('4242424242424242')
    // Another process holds the leases of reconciliation, so that only orders causes calls.
    const leases = mongo.db.collection<{ _id: string; holder: string; until: Date }>('leases')
    const taken = { holder: 'another', until: new Date(Date.now() + 600_000) }
    const names = ['due', 'changes']
    await leases.insertMany(names.map(_id => ({ _id, ...taken })))
    // The first call asks orders, the second one authorises. The first call of the next process captures.
    for (const [KILL_AT, captures] of [
      ['before-call:2', false],
      ['after-call:2', false],
      ['before-call:1', true],
      ['after-call:1', true]
    ] as const) {
      const order = newId('ord')
      if (captures) {
        const first = await payments()
        await first.put(order, { method: approved }).expect(200)
        first.stop('SIGKILL')
        await first.ended
      }
      const killed = await payments({ KILL_AT })
      const asked = captures ? killed.put(`${order}/capture`) : killed.put(order, { method: approved })
      await assert.rejects(asked.timeout(60_000))
      assert.equal((await killed.ended)[1], 'SIGKILL')
      const again = await payments()
      await again.put(order, { method: approved }).expect(200)
      const { body } = await again.put(`${order}/capture`).expect(200)
      assert.deepEqual([body.state, body.captured], ['captured', 1_250])
      const remote = await remoteOf(order)
      assert.deepEqual([remote.length, remote[0].state, remote[0].captured], [1, 'captured', 1_250], KILL_AT)
      again.stop()
      await again.ended
    }
    await leases.deleteMany({ _id: { $in: names } })
  })

  it('agree even if webhooks are late, repeated and out of order', async () => {
    const service = await payments()
    const behave = request(sandboxUrl).put('/webhook-behaviour').set('Authorization', callers.staff().header)
    await behave.send({ delayMs: 200, copies: 3, shuffle: true }).expect(200)
    const order = newId('ord')
    const { body } = await service.put(order, { method: await method('4000002500003155') }).expect(200)
    assert.equal(body.state, 'pending')
    await request(sandboxUrl).post(`/payments/${body.action.id}/authenticate`).send({ approve: true }).expect(200)
    await until(async () => (await service.get(`/payments/${order}`)).body.state === 'authorised')
    await service.put(`${order}/capture`).expect(200)
    await until(async () => (await redis.redis.xlen('events.payments')) > 0)
    const entries = await redis.redis.xrange('events.payments', '-', '+')
    const events = entries.map(([, [, event]]) => JSON.parse(event!))
    assert.deepEqual(
      events.map(({ type, subject }) => [type, subject]),
      [['payments.payment.settled', body.id]]
    )
    service.stop()
    await service.ended
  })

  it('answer in time if the provider is slow, and return the result for the next request', async () => {
    const service = await payments()
    const order = newId('ord')
    const slow = await method('4000000000000259')
    const { body } = await service.put(order, { method: slow }).expect(200)
    assert.equal(body.state, 'authorising')
    assert.equal((await service.put(order, { method: slow }).expect(200)).body.state, 'authorised')
    assert.equal((await remoteOf(order)).length, 1)
    service.stop()
    await service.ended
  })
})
