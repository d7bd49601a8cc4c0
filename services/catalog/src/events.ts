import { defineEvent } from '@bulkhead/chassis/contract'

export const productCreated = defineEvent({ type: 'catalog.product.created', summary: 'A draft was made' })
export const productChanged = defineEvent({ type: 'catalog.product.changed', summary: 'Staff edited a product' })
export const productPublished = defineEvent({ type: 'catalog.product.published', summary: 'A product became visible' })
export const productArchived = defineEvent({ type: 'catalog.product.archived', summary: 'A product left the shop' })
export const familyCreated = defineEvent({ type: 'catalog.family.created', summary: 'A family was made' })
export const familyChanged = defineEvent({ type: 'catalog.family.changed', summary: 'Name or attributes of a family' })
export const categoryCreated = defineEvent({ type: 'catalog.category.created', summary: 'A category was made' })
export const categoryRenamed = defineEvent({ type: 'catalog.category.renamed', summary: 'A category has a new name' })
export const importFinished = defineEvent({
  type: 'catalog.import.finished',
  summary: 'An import is over, done or failed, and its quantities are there to be read'
})

export const allEvents = [
  productCreated,
  productChanged,
  productPublished,
  productArchived,
  familyCreated,
  familyChanged,
  categoryCreated,
  categoryRenamed,
  importFinished
]
