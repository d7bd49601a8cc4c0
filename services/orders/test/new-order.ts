type Line = { productId: string; sku: string; quantity: number }

/** The body of a request for an order of one line, paid with a payment method of the provider. */
export const newOrder = (line: Line, paymentMethod: string) => ({
  lines: [line],
  currency: 'EUR',
  email: 'ada@example.com',
  deliveryAddress: { name: 'Ada', street: 'Weg 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
  shippingMethod: 'standard',
  paymentMethod
})
