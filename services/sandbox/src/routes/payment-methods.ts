import { type Clock, found, newSecretId, Problem } from '@bulkhead/chassis/core'
import { operations } from '@bulkhead/chassis/http'
import { behaviourOf, brandOf, isExpired, isLuhn } from '../cards.ts'
import { createPaymentMethod, getPaymentMethod } from '../operations.ts'
import type { PaymentMethod } from '../schemas.ts'
import type { Store } from '../store.ts'

export function paymentMethodRoutes(store: Store, clock: Clock) {
  const shown = <Status extends number>(status: Status, body: PaymentMethod) => ({
    ...{ status, body },
    headers: { 'Cache-Control': 'no-store' }
  })
  return operations()
    .handle(createPaymentMethod, async ({ body: { number, expiry } }) => {
      if (!isLuhn(number)) throw badCard('/body/number', 'Its check digit is wrong')
      if (isExpired(expiry, clock.now())) throw badCard('/body/expiry', 'The card is expired')
      const method = { id: newSecretId('pm'), brand: brandOf(number), last4: number.slice(-4) }
      await store.addMethod(method, behaviourOf(number))
      return shown(201, method)
    })
    .handle(getPaymentMethod, async ({ params }) => {
      const { id, brand, last4 } = found(await store.methodById(params.id))
      return shown(200, { id, brand, last4 })
    }).router
}

const badCard = (pointer: string, detail: string) =>
  new Problem(422, 'bad-card', 'The card can’t be used', { errors: [{ pointer, detail }] })
