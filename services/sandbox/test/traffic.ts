import { any, type OpenTraffic, type Sent } from '@bulkhead/testing/traffic'

const METHODS = '/api/v1/sandbox/payment-methods'
const CARD = { number: '4242424242424242', expiry: { month: 12, year: 2034 }, cvc: '123' }

/** Every second write creates a payment method. The other writes are those of payments, which make payments at the sandbox. */
export const traffic: OpenTraffic = async ({ ask, trafficOf }) => {
  const payments = await trafficOf('payments')
  const methods = [(await ask(201, 'POST', METHODS, { body: CARD })).body.id as string]
  let turn = 0
  const createMethod = (): Sent => ({
    method: 'POST',
    path: METHODS,
    body: CARD,
    expected: [201],
    answered: ({ id }) => methods.push(id)
  })
  return {
    read: () => ({ method: 'GET', path: `${METHODS}/${any(methods)}`, expected: [200] }),
    write: () => (turn++ % 2 === 0 ? payments.write() : createMethod()),
    async check() {
      const findings = await payments.check()
      for (const id of methods)
        await ask(200, 'GET', `${METHODS}/${id}`).catch(error => findings.push((error as Error).message))
      return findings
    }
  }
}
