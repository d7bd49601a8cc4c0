import { callsBetweenServices } from '../panels/calls.ts'
import { deadLettersByService, outboxAges } from '../panels/events.ts'
import { business } from '../panels/orders.ts'
import { requestNumbers, requestsByService } from '../panels/requests.ts'
import { runtimeByService, versions } from '../panels/runtime.ts'
import { fills, storesUp } from '../panels/stores.ts'
import { type Dashboard, uidOf } from './dashboard.ts'

/** The page to begin with: what clients see, then every service, then the usual causes. */
export function overviewDashboard(): Dashboard {
  return {
    name: 'overview',
    uid: uidOf('overview'),
    title: 'Bulkhead: overview',
    description: 'What clients see, the requests of every service, and the usual causes of faults.',
    rows: [
      { title: 'What clients see at the gateway', panels: requestNumbers('gateway', []) },
      { title: 'Services', panels: requestsByService() },
      { title: 'Business, last hour', panels: business() },
      { title: 'Between services', panels: [...callsBetweenServices(), outboxAges(), deadLettersByService()] },
      { title: 'Stores', panels: [storesUp(), ...fills()] },
      { title: 'Processes', panels: [...runtimeByService(), versions()] }
    ]
  }
}
