import type { ServiceObjectives } from '@bulkhead/chassis/contract'

export const slo: ServiceObjectives = {
  window: '30d',
  objectives: [
    { name: 'all', availability: 0.999, latency: { share: 0.99, seconds: 0.5 } },
    // It asks catalog for the prices, and the shop earns nothing without it.
    { name: 'place', operations: ['placeOrder'], availability: 0.999, latency: { share: 0.99, seconds: 1 } }
  ]
}
