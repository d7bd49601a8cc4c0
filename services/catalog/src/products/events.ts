import { defineEvent } from '@bulkhead/chassis/contract'

export const productCreated = defineEvent({
  type: 'catalog.product.created',
  summary: 'Staff or an import created a draft'
})
export const productChanged = defineEvent({
  type: 'catalog.product.changed',
  summary: 'Staff or an import edited a product'
})
export const productPublished = defineEvent({ type: 'catalog.product.published', summary: 'A product became visible' })
export const productArchived = defineEvent({ type: 'catalog.product.archived', summary: 'A product left the shop' })

export const productEvents = [productCreated, productChanged, productPublished, productArchived]
