import { defineService, noStore } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { createWidget } from './widgets/api.ts'
import { widgetRoutes } from './widgets/routes.ts'

export const service = defineService({
  manifest,
  store: noStore(),
  operations: [createWidget],
  start: () => ({ routes: [widgetRoutes()] })
})
