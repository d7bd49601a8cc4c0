import { contractOf } from '@bulkhead/chassis/contract'
import manifest from '../package.json' with { type: 'json' }
import { allEvents } from './events.ts'
import { allOperations } from './operations.ts'

/** What it answers at `/.well-known/contract`; contract.json and openapi.json are generated from it. */
export const contract = contractOf({
  service: 'identity',
  version: manifest.version,
  summary: manifest.description,
  operations: allOperations,
  events: allEvents
})
