import { defineEvent } from '@bulkhead/chassis/contract'

export const itemCreated = defineEvent({
  type: 'template.item.created',
  summary: 'An item was created'
})

export const itemChanged = defineEvent({
  type: 'template.item.changed',
  summary: 'An item was changed'
})

export const itemRemoved = defineEvent({
  type: 'template.item.removed',
  summary: 'An item was removed'
})

export const itemEvents = [itemCreated, itemChanged, itemRemoved]
