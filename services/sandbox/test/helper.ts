import * as callers from '@bulkhead/testing/callers'
import { startForTest } from '@bulkhead/testing/start-for-test'
import request from 'supertest'
import { sandbox } from '../src/service.ts'

export const SECRET = 'a-secret-of-the-tests'
const TIMES = { poll: 10, lease: 1_000, sweep: 60_000, firstRetry: 20, longestRetry: 100 }
/** Looks for webhooks once, as it starts. */
const IDLE_TIMES = { ...TIMES, poll: 3_600_000, lease: 1 }
const expiry = { month: 12, year: 2034 }
const config = { SANDBOX_WEBHOOK_SECRET: SECRET }

type Options = {
  slowMs?: number
  /** The address of another Redis, which the test ends itself. */
  url?: string
}

/** A replica that sends no webhooks, with a payments that takes all webhooks of the replicas that send them. */
export async function startService({ slowMs = 100, url: storeUrl }: Options = {}) {
  const first = await startForTest(sandbox, { config, settings: { slowMs, times: IDLE_TIMES }, storeUrl })
  const { url, payments: store, redis, registry, fakes } = first
  const { payments } = fakes
  payments.answer('receiveWebhook', () => ({ status: 204 }))

  /** A replica that sends webhooks. */
  async function replica() {
    const another = await startForTest(sandbox, { config, settings: { times: TIMES }, storeUrl: first.storeUrl, fakes })
    return { registry: another.registry, stop: another.close }
  }
  const as = (authorization: string) => (method: 'get' | 'post' | 'put', path: string) =>
    request(url)[method](path).set('Authorization', authorization)
  const merchant = as(callers.service('payments', 'sandbox'))
  const guest = (method: 'get' | 'post', path: string) => request(url)[method](path)

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
    registry,
    store,
    payments,
    replica,
    merchant,
    staff: as(callers.staff().header),
    customer: as(callers.customer().header),
    guest,
    method,
    authorise,
    close: first.close
  }
}
