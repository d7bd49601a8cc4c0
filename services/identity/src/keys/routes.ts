import { operations } from '@bulkhead/chassis/http'
import { getKeys } from './operations.ts'
import type { KeyRing } from './store.ts'

/** Seconds that a reader may cache the keys: far less than a key is published before it signs. */
const MAX_AGE = 300

export const keyRoutes = (keys: Pick<KeyRing, 'published'>) =>
  operations().handle(getKeys, async () => ({
    status: 200,
    body: { keys: keys.published() },
    headers: { 'Cache-Control': `public, max-age=${MAX_AGE}` }
  })).router
