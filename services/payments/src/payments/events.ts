import { defineEvent } from '@bulkhead/chassis/contract'

export const paymentSettled = defineEvent({
  type: 'payments.payment.settled',
  summary: 'The payment had no result when it was requested. Now it is authorised, declined, captured or voided'
})

export const paymentEvents = [paymentSettled]
