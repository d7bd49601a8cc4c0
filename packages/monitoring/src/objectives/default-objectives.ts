import type { ServiceObjectives } from '@bulkhead/chassis/contract'

/** The objectives of a service without `src/slo.ts`. */
export const DEFAULT_OBJECTIVES: ServiceObjectives = {
  window: '30d',
  objectives: [{ name: 'all', availability: 0.999, latency: { share: 0.99, seconds: 0.5 } }]
}
