import { randomUUID } from 'node:crypto'
import type { Call } from '@bulkhead/load/gateway/gateway'
import type { Line } from '@bulkhead/load/shop/cart'
import type { Placed } from '@bulkhead/load/shop/order'
import type { Planted } from './planted.ts'

const IDENTITY = '/api/v1/identity'
const ORDERS = '/api/v1/orders/orders'

type Registered = { id: string; token: string }

/** Registers a customer with planted values, signs in, refreshes the session, and sends wrong codes, passwords and tokens. */
export async function register(call: Call, staff: string, planted: Planted): Promise<Registered> {
  const { email, password, wrongSecret } = planted
  const begun = await call('register', [202], 'POST', `${IDENTITY}/registrations`, { body: { email } })
  const path = `${IDENTITY}/registrations/${begun.body.id}`
  const { code } = (await call('code', [200], 'GET', path, { token: staff })).body
  await call('wrong code', [400, 404], 'PUT', `${path}/confirmation`, { body: { code: wrongSecret, password } })
  const { id } = (await call('confirm', [200], 'PUT', `${path}/confirmation`, { body: { code, password } })).body
  const sessions = `${IDENTITY}/sessions`
  await call('wrong password', [401], 'POST', sessions, { body: { email, password: wrongSecret } })
  const first = (await call('sign in', [201], 'POST', sessions, { body: { email, password, refresh: 'body' } })).body
  const { refreshToken } = first
  const { accessToken } = (await call('refresh', [200], 'POST', `${sessions}/refresh`, { body: { refreshToken } })).body
  const wrong = { refreshToken: wrongSecret }
  await call('wrong refresh', [400, 401], 'POST', `${sessions}/refresh`, { body: wrong })
  await call('wrong token', [401], 'GET', `${IDENTITY}/customers/${id}`, { token: wrongSecret })
  return { id, token: accessToken }
}

/** Places orders that are refused, reads an order with a wrong secret, and erases the personal data of a guest's order. */
export async function misuseOrders(call: Call, { person, wrongSecret }: Planted, { id, buyer }: Placed, line: Line) {
  const { email, address } = person
  const body = { lines: [line], currency: 'EUR', email, deliveryAddress: address, paymentMethod: wrongSecret }
  for (const wrong of [body, { ...body, email: `${email} and more` }, { ...body, [email]: address.street }]) {
    const headers = { 'idempotency-key': randomUUID() }
    await call('wrong order', [400], 'POST', ORDERS, { headers, body: wrong })
  }
  await call('wrong secret', [404], 'GET', `${ORDERS}/${id}`, { headers: { 'order-secret': wrongSecret } })
  await call('erase order', [200, 409], 'DELETE', `${ORDERS}/${id}/personal-data`, buyer)
}

/** Erases a customer. Resolves with a function that reads which services have reported it. */
export async function erase(call: Call, staff: string, { id, token }: Registered, password: string) {
  await call('erase', [202], 'DELETE', `${IDENTITY}/customers/${id}`, { token, body: { password } })
  return async () => (await call('erasure', [200], 'GET', `${IDENTITY}/erasures/${id}`, { token: staff })).body.reports
}
