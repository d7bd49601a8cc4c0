import { Counter, Gauge, type Registry } from 'prom-client'

type Measures = Record<'held' | 'waiting', () => Promise<number>>

/** What inventory tells of itself; the measures are asked at each scrape. */
export function inventoryMetrics(registry: Registry, measures: Measures) {
  const reservations = new Counter({
    name: 'inventory_reservations_total',
    help: 'Reservations that came to a state by this replica',
    labelNames: ['state'],
    registers: [registry]
  })
  const mended = new Counter({
    name: 'inventory_holds_mended_total',
    help: 'Holds that the sweep settled: what a request that was cut off left',
    registers: [registry]
  })
  const full = new Counter({
    name: 'inventory_holds_refused_total',
    help: 'Reservations answered with a 503: too many in flight held the same SKU',
    registers: [registry]
  })
  const counted = new Counter({
    name: 'inventory_counted_skus_total',
    help: 'SKUs whose quantities in imports this replica took',
    registers: [registry]
  })
  gauge(registry, 'inventory_reservations_held', 'Reservations that are held', measures.held)
  gauge(registry, 'inventory_imports_waiting', 'Imports whose quantities are still to be taken', measures.waiting)
  return {
    reservation: (state: 'held' | 'rejected' | 'released' | 'committed' | 'expired') => reservations.inc({ state }),
    mended: () => mended.inc(),
    full: () => full.inc(),
    counted: (skus: number) => counted.inc(skus)
  }
}

/** A figure that is measured at each scrape. Where that fails, the last one stays. */
function gauge(registry: Registry, name: string, help: string, measure: () => Promise<number>) {
  let last = 0
  new Gauge({
    ...{ name, help, registers: [registry] },
    async collect() {
      last = await measure().catch(() => last)
      this.set(last)
    }
  })
}
