import { contractOf } from '@bulkhead/chassis/contract'
import manifest from '../package.json' with { type: 'json' }

/** What contract.json and openapi.json are generated from. The gateway has no operations of its own. */
export const contract = contractOf({
  service: 'gateway',
  version: manifest.version,
  summary: manifest.description,
  operations: [],
  events: []
})
