import { defineEvent } from '@bulkhead/chassis/contract'

export const importFinished = defineEvent({
  type: 'catalog.import.finished',
  summary: 'An import is done or has failed, and its quantities are complete'
})

export const importEvents = [importFinished]
