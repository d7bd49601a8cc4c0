import { backups, cacheHits, commandsByService, fills, pools, storesUp } from '../panels/stores.ts'
import { type Dashboard, uidOf } from './dashboard.ts'

/** The stores of all services, as the services see them, and their backups. */
export function storesDashboard(): Dashboard {
  return {
    name: 'stores',
    uid: uidOf('stores'),
    title: 'Bulkhead: stores',
    description: 'The store of each service, as the service sees it: whether it answers, how fast, and how full it is.',
    rows: [
      { title: 'Answers', panels: [storesUp(), cacheHits()] },
      { title: 'Commands', panels: commandsByService() },
      { title: 'Fill', panels: fills() },
      { title: 'Connections to MongoDB', panels: pools() },
      { title: 'Backups', panels: backups() }
    ]
  }
}
