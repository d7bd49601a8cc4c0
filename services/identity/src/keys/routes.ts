import { operations } from '@bulkhead/chassis/http'
import { getKeys } from './operations.ts'
import type { KeyRing } from './store.ts'

/**
 * How long a reader may cache the keys, in seconds. This is much shorter than the time between the publication of a key and its first
 * signature.
 */
const MAX_AGE = 300

export const keyRoutes = (keys: Pick<KeyRing, 'published'>) =>
  operations().handle(getKeys, async () => ({
    status: 200,
    body: { keys: keys.published() },
    headers: { 'Cache-Control': `public, max-age=${MAX_AGE}` }
  })).router
