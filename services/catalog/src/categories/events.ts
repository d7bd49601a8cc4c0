import { defineEvent } from '@bulkhead/chassis/contract'

export const categoryCreated = defineEvent({ type: 'catalog.category.created', summary: 'A category was created' })
export const categoryRenamed = defineEvent({ type: 'catalog.category.renamed', summary: 'A category has a new name' })

export const categoryEvents = [categoryCreated, categoryRenamed]
