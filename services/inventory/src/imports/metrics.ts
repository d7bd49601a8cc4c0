import { defineCounter, defineGauge, measuredGauge, register } from '@bulkhead/chassis/core'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { ImportStore } from './store.ts'

const importsWaiting = defineGauge({
  name: 'inventory_imports_waiting',
  help: 'Imports whose quantities are not all counted yet'
})

const countedSkus = defineCounter({
  name: 'inventory_counted_skus_total',
  help: 'SKUs that this replica counted from imports'
})

/** The definitions of the metrics of imports. */
export const importDefinitions = [importsWaiting, countedSkus]

export type ImportMetrics = { countSkus(skus: number): void }

export function importMetrics(registry: Registry, log: Logger, store: ImportStore): ImportMetrics {
  measuredGauge({ registry, log, metric: importsWaiting, measure: store.countWaiting })
  const counted = register(registry, countedSkus)
  return { countSkus: skus => counted.inc(skus) }
}
