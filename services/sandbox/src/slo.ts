import type { ServiceObjectives } from '@bulkhead/chassis/contract'

// It stands in for a payment provider, so it promises less than the services of the shop.
export const slo: ServiceObjectives = {
  window: '30d',
  objectives: [{ name: 'all', availability: 0.99, latency: { share: 0.95, seconds: 0.5 } }]
}
