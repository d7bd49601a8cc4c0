import type { Fault } from './fault.ts'
import { clockOff, diesWithClockAhead } from './kinds/clocks.ts'
import { kill, killAt } from './kinds/kills.ts'
import { logAway, logHung, serviceAway, serviceHung, storeAway, webhooks } from './kinds/outages.ts'
import { pairs } from './kinds/points.ts'
import { stopped, stoppedAt } from './kinds/stops.ts'

const SERVICES = ['orders', 'inventory', 'payments', 'sandbox'] as const

/** All faults in order: first kills, last the faults that are most likely to break the books. */
export const allFaults: Fault[] = [
  ...pairs.map(killAt),
  ...['gateway', 'catalog'].map(kill),
  stopped(SERVICES),
  stoppedAt({
    orders: 'after-write:orders.update.capturing',
    inventory: 'after-write:reservations.update.committed',
    payments: 'after-call:sandbox.createPayment',
    sandbox: 'after-write:payments.update.captured'
  }),
  stoppedAt({
    orders: 'after-call:payments.capturePayment',
    inventory: 'after-write:reservations.insert.held',
    payments: 'before-call:sandbox.capturePayment',
    sandbox: 'before-write:payments.insert.authorised'
  }),
  ...['orders', 'inventory', 'payments', 'sandbox', 'catalog', 'gateway'].map(storeAway),
  logAway(),
  ...['catalog', 'inventory', 'payments', 'sandbox'].map(serviceAway),
  ...['inventory', 'payments'].map(serviceHung),
  logHung(),
  webhooks('late', { delayMs: 5_000 }),
  webhooks('doubled', { copies: 3 }),
  webhooks('reordered', { shuffle: true }),
  webhooks('lost', { lose: 1 }),
  ...SERVICES.flatMap(service => [clockOff(service, '+600s'), clockOff(service, '-600s')]),
  ...['orders', 'payments'].map(diesWithClockAhead)
]
