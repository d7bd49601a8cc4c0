import { defineEvent } from '@bulkhead/chassis/contract'

export const itemCreated = defineEvent({ type: 'template.item.created', summary: 'It was made' })
export const itemChanged = defineEvent({ type: 'template.item.changed', summary: 'It changed' })
export const itemRemoved = defineEvent({ type: 'template.item.removed', summary: 'It is gone' })

export const itemEvents = [itemCreated, itemChanged, itemRemoved]
