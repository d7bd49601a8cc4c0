import { type Clock, newSecretId, orNotFound } from '@bulkhead/chassis/core'
import { operations } from '@bulkhead/chassis/http'
import { behaviourOf, brandOf, checkCard } from './cards.ts'
import { createPaymentMethod, getPaymentMethod } from './operations.ts'
import type { PaymentMethods } from './store.ts'

const headers = { 'Cache-Control': 'no-store' }

export function paymentMethodRoutes(methods: PaymentMethods, clock: Clock) {
  return operations()
    .handle(createPaymentMethod, async ({ body }) => {
      checkCard(body, clock.now())
      const method = { id: newSecretId('pm'), brand: brandOf(body.number), last4: body.number.slice(-4) }
      await methods.add({ ...method, behaviour: behaviourOf(body.number) })
      return { status: 201, body: method, headers }
    })
    .handle(getPaymentMethod, async ({ params }) => {
      const { id, brand, last4 } = orNotFound(await methods.byId(params.id))
      return { status: 200, body: { id, brand, last4 }, headers }
    }).router
}
