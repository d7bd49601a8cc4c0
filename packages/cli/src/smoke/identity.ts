import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { type Ask, same } from './ask.ts'
import type { Step } from './run.ts'

const IDENTITY = '/api/v1/identity'
/** Milliseconds in which other services have erased a customer. */
const ERASED_LIMIT = 15_000

/** A customer registers, signs in, fills a cart, and is erased with it. */
export function identitySteps(ask: Ask): Step[] {
  const email = `smoke-${randomBytes(6).toString('hex')}@example.com`
  const password = randomBytes(12).toString('base64url')
  let id: string
  let tokens: { accessToken: string; refreshToken: string }
  const sessions = `${IDENTITY}/sessions`
  const refresh = (expected: number) =>
    ask(expected, 'POST', `${sessions}/refresh`, { body: { refreshToken: tokens.refreshToken } })

  return [
    [
      'registers a customer by a code',
      async () => {
        const begun = await ask(202, 'POST', `${IDENTITY}/registrations`, { body: { email, password } })
        const path = `${IDENTITY}/registrations/${begun.body.id}`
        const { code } = (await ask(200, 'GET', path, { as: 'staff' })).body
        id = (await ask(200, 'PUT', `${path}/confirmation`, { body: { code } })).body.id
      }
    ],
    [
      'signs them in, and no one with another password',
      async () => {
        await ask(401, 'POST', sessions, { body: { email, password: `${password}x` } })
        tokens = (await ask(201, 'POST', sessions, { body: { email, password, refresh: 'body' } })).body
      }
    ],
    [
      'gives them new tokens, which other services believe',
      async () => {
        tokens = (await refresh(200)).body
        const { body } = await ask(201, 'POST', '/api/v1/cart/carts', { token: tokens.accessToken })
        same('the customer of the cart', id, body.customer)
      }
    ],
    [
      'erases them, in other services too',
      async () => {
        await ask(202, 'DELETE', `${IDENTITY}/customers/${id}`, { token: tokens.accessToken, body: { password } })
        await refresh(401)
        await until('cart, identity and orders reported', async () => {
          const { body } = await ask(200, 'GET', `${IDENTITY}/erasures/${id}`, { as: 'staff' })
          const reported = (body.reports as { service: string }[]).map(({ service }) => service)
          return ['cart', 'identity', 'orders'].every(name => reported.includes(name))
        })
      }
    ]
  ]
}

async function until(what: string, condition: () => Promise<boolean>) {
  for (const limit = Date.now() + ERASED_LIMIT; !(await condition()); await delay(100))
    if (Date.now() > limit) throw new Error(`expected that ${what} within ${ERASED_LIMIT / 1_000} s`)
}
