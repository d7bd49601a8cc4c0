import { defineEvent } from '@bulkhead/chassis/contract'

export const customerErased = defineEvent({
  type: 'identity.customer.erased',
  summary: 'Delete or anonymise what you hold of the customer, and report it'
})

export const erasureEvents = [customerErased]
