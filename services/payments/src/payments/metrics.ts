import { defineCounter, register } from '@bulkhead/chassis/core'
import type { Registry } from 'prom-client'
import type { Dependencies } from './settlement.ts'

const capturedAmount = defineCounter({
  name: 'bulkhead_payments_captured_minor_units_total',
  help: 'Captured amounts in minor units of their currency, such as cents, each counted by the replica that recorded it in the journal',
  labels: { currency: 'the currency (ISO 4217)' }
})

/** The default currency of carts. Its amount is 0 from the start; the amounts of other currencies exist from their first capture on. */
const USUAL_CURRENCY = 'EUR'

/** The metrics of payments. */
export const paymentMetrics = [capturedAmount]

/** Registers the captured amounts, and returns the function that counts one. */
export function captureCounter(registry: Registry): Dependencies['countCapture'] {
  const captured = register(registry, capturedAmount, { currency: [USUAL_CURRENCY] })
  return ({ currency, amount }) => captured.inc({ currency }, amount)
}
