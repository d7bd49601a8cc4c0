import { defineEvent } from '@bulkhead/chassis/contract'

export const cartCreated = defineEvent({ type: 'cart.cart.created', summary: 'A cart was created' })
export const cartMerged = defineEvent({ type: 'cart.cart.merged', summary: "A guest's cart was merged into this cart" })
export const cartDeleted = defineEvent({
  type: 'cart.cart.deleted',
  summary: 'A cart was deleted; a cart that expires publishes nothing'
})

export const cartEvents = [cartCreated, cartMerged, cartDeleted]
