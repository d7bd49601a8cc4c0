import { Counter, Gauge, type Registry } from 'prom-client'

export type InventoryMetrics = ReturnType<typeof inventoryMetrics>

/** What inventory tells of itself; `countHeld` is asked at each scrape. */
export function inventoryMetrics(registry: Registry, countHeld: () => Promise<number>) {
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
  let last = 0
  new Gauge({
    name: 'inventory_reservations_held',
    help: 'Reservations that are held',
    registers: [registry],
    async collect() {
      last = await countHeld().catch(() => last)
      this.set(last)
    }
  })
  return {
    reservation: (state: 'held' | 'rejected' | 'released' | 'committed' | 'expired') => reservations.inc({ state }),
    mended: () => mended.inc(),
    full: () => full.inc()
  }
}
