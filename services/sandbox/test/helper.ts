import { noFault } from '@bulkhead/chassis/core'
import { appDeps } from '@bulkhead/testing/app-deps'
import * as callers from '@bulkhead/testing/callers'
import { fakeService } from '@bulkhead/testing/fake-service'
import { httpServer } from '@bulkhead/testing/http-server'
import { redisDatabase } from '@bulkhead/testing/redis-database'
import { connect } from '@bulkhead/testing/redis-server'
import { Registry } from 'prom-client'
import request from 'supertest'
import { sandboxApp } from '../src/app.ts'
import { connectPayments, webhookDelivery } from '../src/delivery.ts'
import { paymentsNeeds } from '../src/needs.ts'
import { sandboxStore } from '../src/store.ts'

export const SECRET = 'a-secret-of-the-tests'
const TIMES = { poll: 10, lease: 1_000, sweep: 60_000, firstRetry: 20, mostRetry: 100 }
const expiry = { month: 12, year: 2034 }

type Options = {
  slowMs?: number
  /** Of another Redis, which the test ends itself. */
  url?: string
}

/** The service on a store of its own or on another Redis, with the deliveries of webhooks to a payments that takes them all. */
export async function startService({ slowMs = 100, url }: Options = {}) {
  const deps = appDeps('sandbox')
  const { clock, log: logger } = deps
  const database = url === undefined ? await redisDatabase() : undefined
  const redis = database?.redis ?? connect(url!)
  const store = sandboxStore({ redis, clock, registry: deps.registry, at: noFault })
  const app = sandboxApp({ ...deps, store, slowMs })
  const http = await httpServer(app)
  const payments = await fakeService(paymentsNeeds)
  payments.answer('receiveWebhook', () => ({ status: 204 }))

  function replica() {
    const registry = new Registry()
    const client = connectPayments({ url: payments.url, token: async () => 'token', registry })
    const delivery = webhookDelivery({
      redis,
      store,
      payments: client,
      secret: SECRET,
      clock,
      logger,
      registry,
      times: TIMES
    })
    delivery.start()
    return { registry, stop: () => delivery.stop().then(client.close) }
  }
  const as = (authorization: string) => (method: 'get' | 'post' | 'put', path: string) =>
    request(http.url)[method](path).set('Authorization', authorization)
  const merchant = as(callers.service('payments', 'sandbox'))
  const guest = (method: 'get' | 'post', path: string) => request(http.url)[method](path)

  async function method(number = '4242424242424242') {
    const { body } = await guest('post', '/payment-methods').send({ number, expiry, cvc: '123' }).expect(201)
    return body.id as string
  }
  let keys = 0
  const authorise = async (
    number?: string,
    { reference = 'pay_1', amount = 1_000, key = `key-${keys++}-of-tests` } = {}
  ) =>
    merchant('post', '/payments')
      .set('Idempotency-Key', key)
      .send({ reference, amount: { amount, currency: 'EUR' }, method: await method(number) })

  return {
    redis,
    registry: deps.registry,
    store,
    payments,
    replica,
    merchant,
    staff: as(callers.staff().header),
    customer: as(callers.customer().header),
    guest,
    method,
    authorise,
    async close() {
      await http.stop()
      await payments.stop()
      if (database) await database.close()
      else redis.disconnect()
    }
  }
}
