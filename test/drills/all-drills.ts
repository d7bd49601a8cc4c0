import { type Drill, type Effect, type FiringAlert, NO_EFFECT } from './drill.ts'
import { failOver } from './kinds/fail-over.ts'
import { poisonMessage } from './kinds/poison.ts'
import { EVENT_LOG } from './kinds/redis.ts'
import { away, clockJumps, hung, killedAgain, lossy, slow } from './kinds/services.ts'
import { storeAway, storeDemoted, storeFull, storeHung, storeReadOnly } from './kinds/stores.ts'

/** The longest recovery (ms). It is generous, because a busy machine starts processes slowly. */
const recoversWithin = 60_000
/** The least duration of a fault (ms). */
const lasts = 15_000

/** A service answers 503 if something that it needs is away, and the gateway 502 or 504 if the service is. */
const UNAVAILABLE = [502, 503, 504]

const CATALOG = ['products', 'product', 'categories', 'missing product']
const CART = ['new cart', 'add to cart', 'cart', 'delete cart']
const ORDERS = ['place order', 'order', 'cancel order']

const unavailable = (...steps: string[]): Effect => ({ steps, reasons: UNAVAILABLE })

const alertOf =
  (alert: string) =>
  (service: string): FiringAlert => ({ alert, service })
const failing = alertOf('AvailabilityBudgetBurnsFast')
const late = alertOf('LatencyBudgetBurnsFast')
const storeDown = alertOf('StoreDown')
const targetDown = alertOf('TargetDown')

/** All drills, by kind: services, stores, the event log, and others. */
export const allDrills: Drill[] = [
  killedAgain('catalog', {
    lasts,
    effect: unavailable(...CATALOG, 'place order'),
    pages: [],
    tickets: [{ alert: 'RestartLoop', service: 'catalog' }],
    recoversWithin
  }),
  hung('inventory', {
    lasts,
    effect: unavailable('stock', 'place order'),
    pages: [failing('gateway')],
    possiblePages: [late('gateway'), late('orders'), failing('orders')],
    tickets: [targetDown('inventory')],
    recoversWithin
  }),
  slow('catalog', 2_700, {
    lasts,
    effect: unavailable('place order'),
    pages: [late('gateway')],
    possiblePages: [late('orders'), failing('orders')],
    tickets: [],
    recoversWithin
  }),
  lossy('catalog', 0.1, {
    lasts,
    effect: unavailable(...CATALOG, 'place order'),
    pages: [],
    possiblePages: [failing('gateway')],
    tickets: [],
    recoversWithin
  }),
  storeAway('gateway', {
    lasts,
    effect: NO_EFFECT,
    pages: [],
    tickets: [storeDown('gateway')],
    recoversWithin
  }),
  storeHung('gateway', {
    lasts,
    effect: NO_EFFECT,
    pages: [],
    tickets: [storeDown('gateway')],
    recoversWithin
  }),
  storeAway('cart', {
    lasts,
    effect: unavailable(...CART),
    pages: [failing('cart')],
    tickets: [storeDown('cart')],
    recoversWithin
  }),
  storeFull('cart', {
    lasts,
    effect: { steps: CART, reasons: [503] },
    pages: [failing('cart')],
    tickets: [{ alert: 'StoreNearlyFull', service: 'cart' }],
    recoversWithin
  }),
  storeReadOnly('cart', {
    lasts,
    effect: { steps: CART, reasons: [503] },
    pages: [failing('cart')],
    tickets: [],
    recoversWithin
  }),
  failOver('cart', {
    lasts,
    effect: { steps: CART, reasons: [503] },
    effectEndsAfter: 5_000,
    pages: [],
    tickets: [],
    recoversWithin
  }),
  storeAway('catalog', {
    lasts,
    effect: unavailable(...CATALOG, 'place order'),
    pages: [failing('catalog')],
    possiblePages: [failing('orders')],
    tickets: [storeDown('catalog')],
    recoversWithin
  }),
  storeAway('inventory', {
    lasts,
    effect: unavailable('stock', 'place order'),
    pages: [failing('inventory')],
    tickets: [storeDown('inventory')],
    recoversWithin
  }),
  storeAway('orders', {
    lasts,
    effect: unavailable(...ORDERS),
    pages: [failing('orders')],
    tickets: [storeDown('orders')],
    recoversWithin
  }),
  storeHung('orders', {
    lasts,
    effect: unavailable(...ORDERS),
    pages: [failing('orders')],
    tickets: [storeDown('orders')],
    recoversWithin
  }),
  storeAway('payments', {
    lasts,
    effect: NO_EFFECT,
    pages: [failing('payments')],
    tickets: [storeDown('payments')],
    recoversWithin
  }),
  storeDemoted('sandbox', {
    lasts,
    effect: { steps: ['payment method'], reasons: [503] },
    pages: [failing('sandbox')],
    possiblePages: [failing('payments')],
    tickets: [],
    recoversWithin
  }),
  storeAway(EVENT_LOG, {
    lasts,
    effect: NO_EFFECT,
    pages: [],
    tickets: [storeDown('orders'), { alert: 'RelayStopped', service: 'orders' }],
    recoversWithin
  }),
  storeHung(EVENT_LOG, {
    lasts,
    effect: NO_EFFECT,
    pages: [],
    tickets: [storeDown('orders')],
    recoversWithin
  }),
  storeFull(EVENT_LOG, {
    lasts,
    effect: NO_EFFECT,
    pages: [],
    tickets: [
      { alert: 'RelayStopped', service: 'orders' },
      { alert: 'EventLogNearlyFull', service: 'orders' }
    ],
    recoversWithin
  }),
  storeDemoted(EVENT_LOG, {
    lasts,
    effect: NO_EFFECT,
    pages: [],
    tickets: [{ alert: 'RelayStopped', service: 'orders' }],
    recoversWithin
  }),
  poisonMessage('payments', 'orders', {
    lasts: 0,
    effect: NO_EFFECT,
    pages: [],
    tickets: [{ alert: 'DeadLetters', service: 'orders' }],
    recoversWithin
  }),
  away('sandbox', 'the payment provider is down', {
    lasts: 30_000,
    effect: unavailable('payment method'),
    pages: [failing('gateway')],
    possiblePages: [failing('payments'), { alert: 'OrdersNotCaptured', service: 'orders' }],
    tickets: [],
    recoversWithin
  }),
  clockJumps('orders', '+600s', {
    lasts,
    effect: NO_EFFECT,
    pages: [],
    tickets: [],
    recoversWithin
  })
]
