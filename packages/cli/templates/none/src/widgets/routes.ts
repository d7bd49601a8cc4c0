import { operations } from '@bulkhead/chassis/http'
import { createWidget } from './api.ts'
import { widgetOf } from './rule.ts'

export const widgetRoutes = () =>
  operations().handle(createWidget, async ({ body }) => ({ status: 200, body: widgetOf(body.text) })).router
