import { defineEvent } from '@bulkhead/chassis/contract'

export const familyCreated = defineEvent({ type: 'catalog.family.created', summary: 'A family was made' })
export const familyChanged = defineEvent({ type: 'catalog.family.changed', summary: 'Name or attributes of a family' })

export const familyEvents = [familyCreated, familyChanged]
