import { defineEvent } from '@bulkhead/chassis/contract'

export const familyCreated = defineEvent({ type: 'catalog.family.created', summary: 'A family was created' })
export const familyChanged = defineEvent({
  type: 'catalog.family.changed',
  summary: 'The name or the attributes of a family changed'
})

export const familyEvents = [familyCreated, familyChanged]
