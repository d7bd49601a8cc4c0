import { defineEvent } from '@bulkhead/chassis/events'

export const productCreated = defineEvent({ type: 'catalog.product.created', summary: 'A draft was made' })
export const productPublished = defineEvent({ type: 'catalog.product.published', summary: 'A product became visible' })
export const productArchived = defineEvent({ type: 'catalog.product.archived', summary: 'A product left the shop' })

export const allEvents = [productCreated, productPublished, productArchived]
