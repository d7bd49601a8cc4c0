import { contractOf } from '@bulkhead/chassis/contract'
import manifest from '../package.json' with { type: 'json' }
import { allEvents } from './events.ts'
import { handles } from './handlers.ts'
import { catalogNeeds, inventoryNeeds, paymentsNeeds } from './needs.ts'
import { allOperations } from './operations.ts'

/** What contract.json and openapi.json are generated from. */
export const contract = contractOf({
  service: 'orders',
  version: manifest.version,
  summary: manifest.description,
  operations: allOperations,
  events: allEvents,
  needs: [catalogNeeds, inventoryNeeds, paymentsNeeds],
  handles
})
