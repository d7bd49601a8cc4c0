import { business, eventsOfOrders, placing, steps, waiting } from '../panels/orders.ts'
import { type Dashboard, uidOf } from './dashboard.ts'

/** An order from the buyer's request to the captured payment. */
export function orderPathDashboard(): Dashboard {
  return {
    name: 'order-path',
    uid: uidOf('order-path'),
    title: 'Bulkhead: order path',
    description: 'An order from the request of the buyer to the captured payment. docs/orders.md explains the states.',
    rows: [
      { title: 'Placing an order', panels: placing() },
      { title: 'Business, last hour', panels: business() },
      { title: 'Steps between services', panels: steps() },
      { title: 'Waiting', panels: waiting() },
      { title: 'Events', panels: eventsOfOrders() }
    ]
  }
}
