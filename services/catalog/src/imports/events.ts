import { defineEvent } from '@bulkhead/chassis/contract'

export const importFinished = defineEvent({
  type: 'catalog.import.finished',
  summary: 'An import is over, done or failed, and its quantities are there to be read'
})

export const importEvents = [importFinished]
