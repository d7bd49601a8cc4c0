import { setTimeout } from 'node:timers/promises'
import type { MadeBy } from '@bulkhead/chassis/contract'
import { type Clock, newSecretId, Problem } from '@bulkhead/chassis/core'
import type { PaymentMethods } from '../payment-methods/store.ts'
import { authorise, type StoredPayment } from './lifecycle.ts'
import type { NewPayment } from './schemas.ts'
import type { Payments } from './store.ts'

type Deps = {
  payments: Payments
  methods: PaymentMethods
  clock: Clock
  /** How long the answer for the slow card takes (ms). */
  slowMs: number
}

/** Makes a payment once for each request. The card decides its outcome. */
export type Authorise = (request: NewPayment, madeBy: MadeBy) => Promise<StoredPayment>

/** How often a request with the card for errors fails before it succeeds. */
const FAILURES = 3

export function paymentAuthorisation({ payments, methods, clock, slowMs }: Deps): Authorise {
  return async ({ reference, amount, method: methodId }, madeBy) => {
    const method = await methods.byId(methodId)
    if (!method) throw unknownMethod()
    const { behaviour } = method
    if (behaviour === 'error' && (await payments.countFailure(madeBy)) <= FAILURES) throw providerError()
    const createdAt = clock.now().toISOString()
    const authorised = authorise(behaviour, { id: newSecretId('sbx'), reference, amount, createdAt })
    const payment = await payments.insert(authorised, madeBy)
    // Only the answer is slow: the payment exists even if the client stops waiting.
    if (behaviour === 'slow') await setTimeout(Date.parse(payment.createdAt) + slowMs - clock.now().getTime())
    return payment
  }
}

const unknownMethod = () =>
  new Problem(422, 'unknown-payment-method', 'There is no such payment method', {
    errors: [{ pointer: '/body/method', detail: 'It is unknown, or older than a day' }]
  })

const providerError = () => new Problem(500, 'provider-error', 'Something went wrong at the provider')
