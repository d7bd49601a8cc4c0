import type { ServiceObjectives } from '@bulkhead/chassis/contract'

export const slo: ServiceObjectives = {
  window: '30d',
  objectives: [
    { name: 'all', availability: 0.999, latency: { share: 0.99, seconds: 1 } },
    // A password costs a large part of a second of CPU, on purpose.
    { name: 'sign-in', operations: ['signIn', 'refresh'], availability: 0.999, latency: { share: 0.95, seconds: 1 } }
  ]
}
