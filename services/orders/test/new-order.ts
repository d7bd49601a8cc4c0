type Line = { productId: string; sku: string; quantity: number }

/** What places an order of one line, paid by a payment method of the provider. */
export const newOrder = (line: Line, paymentMethod: string) => ({
  ...{ lines: [line], currency: 'EUR', email: 'ada@example.com' },
  deliveryAddress: { name: 'Ada', street: 'Weg 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
  ...{ shippingMethod: 'standard', paymentMethod }
})
