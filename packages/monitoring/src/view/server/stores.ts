import type { StoreState } from '../view-data.ts'
import { instant } from './prometheus-client.ts'

/** How long a service may be down until its stores are no longer listed. */
const REMEMBERED = '1d'

/** Reads the stores of an installation, by service. A store is unknown if its service has reported it before, but does not now. */
export async function storesOf(prometheus: string, namespace: string): Promise<StoreState[]> {
  const metric = `bulkhead_store_up{namespace="${namespace}"}`
  const [known, reported] = await Promise.all([
    instant(prometheus, `group by (service, store) (last_over_time(${metric}[${REMEMBERED}]))`),
    instant(prometheus, `min by (service, store) (${metric})`)
  ])
  return known.map(({ labels }): StoreState => {
    const now = reported.find(one => one.labels.service === labels.service && one.labels.store === labels.store)
    const state = now ? (now.value === 1 ? 'up' : 'down') : 'unknown'
    return { service: labels.service!, store: labels.store!, state }
  })
}
