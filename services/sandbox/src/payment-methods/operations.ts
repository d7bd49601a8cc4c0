import { operation } from '@bulkhead/chassis/contract'
import { card, paymentMethod } from './schemas.ts'

/** Stores how the card behaves, never its number. Returns 422 for a wrong check digit or an expired card. */
export const createPaymentMethod = operation({
  id: 'createPaymentMethod',
  method: 'post',
  path: '/payment-methods',
  summary: 'Create a payment method from a test card',
  callers: ['public'],
  body: card,
  example: { number: '4242424242424242', expiry: { month: 12, year: 2034 }, cvc: '123' },
  answers: { 201: { description: 'The payment method', body: paymentMethod } }
})

/** Returns a payment method to anyone who knows its ID. IDs can't be guessed. */
export const getPaymentMethod = operation({
  id: 'getPaymentMethod',
  method: 'get',
  path: '/payment-methods/{id}',
  summary: 'Get a payment method',
  callers: ['public'],
  params: paymentMethod.pick({ id: true }),
  answers: { 200: { description: 'The payment method', body: paymentMethod } }
})

export const paymentMethodOperations = [createPaymentMethod, getPaymentMethod]
