import { defineEvent } from '@bulkhead/chassis/contract'

export const paymentSettled = defineEvent({
  type: 'payments.payment.settled',
  summary: 'A payment that had no result when it was requested is now authorised, declined, captured or voided'
})

export const paymentEvents = [paymentSettled]
