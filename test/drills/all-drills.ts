import { type Drill, NO_EFFECT } from './drill.ts'
import { EVENT_LOG } from './kinds/redis.ts'
import { killedAgain } from './kinds/services.ts'
import { storeAway } from './kinds/stores.ts'

const RECOVERY = 60_000

/** All drills. */
export const allDrills: Drill[] = [
  killedAgain('catalog', {
    lasts: 20_000,
    effect: { steps: ['products', 'product', 'categories'], reasons: [502, 503, 504] },
    pages: [],
    tickets: [{ alert: 'RestartLoop', service: 'catalog' }],
    recoversWithin: RECOVERY
  }),
  storeAway(EVENT_LOG, {
    lasts: 15_000,
    effect: NO_EFFECT,
    pages: [],
    tickets: [{ alert: 'StoreDown', service: 'orders' }],
    recoversWithin: RECOVERY
  })
]
