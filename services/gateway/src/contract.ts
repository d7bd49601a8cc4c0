import { contractOf } from '@bulkhead/chassis/contract'
import manifest from '../package.json' with { type: 'json' }

/** What it answers at `/.well-known/contract`. The gateway has no operations of its own. */
export const contract = contractOf({
  service: 'gateway',
  version: manifest.version,
  summary: manifest.description,
  operations: [],
  events: []
})
