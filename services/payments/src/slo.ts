import type { ServiceObjectives } from '@bulkhead/chassis/contract'

export const slo: ServiceObjectives = {
  window: '30d',
  objectives: [
    { name: 'all', availability: 0.999, latency: { share: 0.99, seconds: 1 } },
    // These wait for the payment provider.
    {
      name: 'move-money',
      operations: ['putPayment', 'capturePayment', 'voidPayment', 'putRefund'],
      availability: 0.995,
      latency: { share: 0.95, seconds: 2.5 }
    }
  ]
}
