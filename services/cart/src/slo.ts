import type { ServiceObjectives } from '@bulkhead/chassis/contract'

export const slo: ServiceObjectives = {
  window: '30d',
  objectives: [{ name: 'all', availability: 0.999, latency: { share: 0.99, seconds: 0.25 } }]
}
