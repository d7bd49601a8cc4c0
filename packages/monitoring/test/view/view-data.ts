import type { Alert, ViewData } from '../../src/view/view-data.ts'

/** The data of a stack that is well, with changes. */
export const wellData = (changes: Partial<ViewData> = {}): ViewData => ({
  at: 1_000_000,
  range: '15m',
  times: [900, 905],
  isStackRunning: true,
  services: [
    { name: 'cart', state: 'up' },
    { name: 'catalog', state: 'up' }
  ],
  stores: [{ service: 'cart', store: 'redis', state: 'up' }],
  alerts: [],
  rules: 12,
  hasAlertmanager: true,
  panels: {},
  ...changes
})

/** A firing alert, with changes. */
export const firing = (changes: Partial<Alert> = {}): Alert => ({
  name: 'OutboxOld',
  severity: 'ticket',
  summary: 'orders publishes late',
  labels: { service: 'orders' },
  since: 900_000,
  isMuted: false,
  ...changes
})
