import { measuredGauge } from '@bulkhead/chassis/core'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import type { ImportStore } from './store.ts'

export type ImportMetrics = { countSkus(skus: number): void }

export function importMetrics(registry: Registry, log: Logger, store: ImportStore): ImportMetrics {
  measuredGauge({
    registry,
    log,
    name: 'inventory_imports_waiting',
    help: 'Imports whose quantities are not all counted yet',
    measure: store.countWaiting
  })
  const counted = new Counter({
    name: 'inventory_counted_skus_total',
    help: 'SKUs that this replica counted from imports',
    registers: [registry]
  })
  return { countSkus: skus => counted.inc(skus) }
}
