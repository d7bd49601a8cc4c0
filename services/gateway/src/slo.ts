import type { ServiceObjectives } from '@bulkhead/chassis/contract'

// The gateway has no operations of its own: these are public operations of the services behind it.
export const slo: ServiceObjectives = {
  window: '30d',
  objectives: [
    { name: 'all', availability: 0.999, latency: { share: 0.99, seconds: 1 } },
    {
      name: 'browse',
      operations: ['listProducts', 'getProduct', 'listCategories', 'getCategory', 'listOffers', 'getStock'],
      availability: 0.999,
      latency: { share: 0.99, seconds: 0.5 }
    },
    {
      name: 'checkout',
      operations: ['createCart', 'getCart', 'addToLine', 'setLine', 'placeOrder', 'getOrder'],
      availability: 0.999,
      latency: { share: 0.99, seconds: 1 }
    }
  ]
}
