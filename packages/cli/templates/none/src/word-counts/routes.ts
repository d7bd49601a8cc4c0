import { operations } from '@bulkhead/chassis/http'
import { countWords } from './counting.ts'
import { createWordCount } from './operations.ts'

export const wordCountRoutes = () =>
  operations().handle(createWordCount, async ({ body }) => ({ status: 200, body: countWords(body.text) })).router
