import { defineEvent } from '@bulkhead/chassis/contract'

export const paymentSettled = defineEvent({
  type: 'payments.payment.settled',
  summary: 'What had no result when it was asked for has one now: authorised, declined, captured or voided'
})

export const allEvents = [paymentSettled]
