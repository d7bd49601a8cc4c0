import { defineService, noStore } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { createWordCount } from './word-counts/operations.ts'
import { wordCountRoutes } from './word-counts/routes.ts'

export const service = defineService({
  manifest,
  store: noStore(),
  operations: [createWordCount],
  start: () => ({ routes: [wordCountRoutes()] })
})
