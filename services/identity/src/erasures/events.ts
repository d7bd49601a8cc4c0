import { defineEvent } from '@bulkhead/chassis/contract'

export const customerErased = defineEvent({
  type: 'identity.customer.erased',
  summary: 'A customer was erased: delete or anonymise your data of them, and report it'
})

export const erasureEvents = [customerErased]
