import { defineEvent } from '@bulkhead/chassis/contract'

export const cartCreated = defineEvent({ type: 'cart.cart.created', summary: 'A cart was made' })
export const cartMerged = defineEvent({ type: 'cart.cart.merged', summary: "A guest's cart went into a customer's" })
export const cartDeleted = defineEvent({ type: 'cart.cart.deleted', summary: 'A cart was deleted, not expired' })

export const cartEvents = [cartCreated, cartMerged, cartDeleted]
