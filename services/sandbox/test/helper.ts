import * as callers from '@bulkhead/testing/callers'
import { startForTest } from '@bulkhead/testing/start-for-test'
import request from 'supertest'
import { sandbox } from '../src/service.ts'

export const SECRET = 'a-secret-of-the-tests'
export const CARD = { number: '4242424242424242', expiry: { month: 12, year: 2034 }, cvc: '123' }

const config = { SANDBOX_WEBHOOK_SECRET: SECRET }
const TIMES = { poll: 10, lease: 1_000, sweep: 60_000, firstRetry: 20, longestRetry: 100 }
/** Times of a replica that polls only once, at its start, and then loses the lease. */
const IDLE_TIMES = { ...TIMES, poll: 3_600_000, lease: 1 }

type Options = {
  slowMs?: number
  /** The address of a Redis that the test itself stops. */
  storeUrl?: string
}

/** Starts a sandbox that sends no webhooks until `replica` starts another one, and a fake payments that accepts all webhooks. */
export async function startService({ slowMs = 100, storeUrl }: Options = {}) {
  const first = await startForTest(sandbox, { config, settings: { slowMs, times: IDLE_TIMES }, storeUrl })
  const { fakes } = first
  fakes.payments.answer('receiveWebhook', () => ({ status: 204 }))

  /** Starts a replica that sends webhooks. */
  async function replica() {
    const another = await startForTest(sandbox, { config, settings: { times: TIMES }, storeUrl: first.storeUrl, fakes })
    return { registry: another.registry, stop: another.close }
  }

  return {
    redis: first.redis,
    registry: first.registry,
    payments: first.payments,
    fakePayments: fakes.payments,
    replica,
    ...requests(first.url),
    close: first.close
  }
}

/** Returns functions that send the requests of each kind of caller, and the requests that most tests need. */
function requests(url: string) {
  const guest = (method: 'get' | 'post', path: string) => request(url)[method](path)
  const as = (authorization: string) => (method: 'get' | 'post' | 'put', path: string) =>
    request(url)[method](path).set('Authorization', authorization)
  const merchant = as(callers.service('payments', 'sandbox'))

  /** Creates a payment method and returns its ID. */
  async function paymentMethod(number = CARD.number) {
    const card = { ...CARD, number }
    const { body } = await guest('post', '/payment-methods').send(card).expect(201)
    return body.id as string
  }

  let keys = 0
  /** Requests a payment with a new card and a new key. */
  async function authorise(number?: string, { reference = 'pay_1' } = {}) {
    const method = await paymentMethod(number)
    return merchant('post', '/payments')
      .set('Idempotency-Key', `key-${keys++}-of-tests`)
      .send({ reference, amount: { amount: 1_000, currency: 'EUR' }, method })
  }

  /** Captures, voids, refunds or authenticates a payment. */
  const act = (id: string, action: string, body?: object) => merchant('post', `/payments/${id}/${action}`).send(body)

  const refund = (id: string, { reference, amount }: { reference: string; amount: unknown }) =>
    act(id, 'refunds', { reference, amount }).set('Idempotency-Key', `refund-key-${reference}`)

  return {
    guest,
    merchant,
    staff: as(callers.staff().header),
    customer: as(callers.customer().header),
    paymentMethod,
    authorise,
    act,
    refund
  }
}
