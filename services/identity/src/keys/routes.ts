import { operations } from '@bulkhead/chassis/http'
import { getKeys } from '../sessions/operations.ts'
import type { KeyRing } from './store.ts'

/** Seconds that a reader may keep the keys: far less than they are published ahead. */
const KEEP = 300

export const keyRoutes = (keys: Pick<KeyRing, 'published'>) =>
  operations().handle(getKeys, async () => ({
    status: 200,
    body: keys.published(),
    headers: { 'Cache-Control': `public, max-age=${KEEP}` }
  })).router
