import { randomBytes } from 'node:crypto'
import { comesToBe, type Story, same } from '@bulkhead/testing/story'

const IDENTITY = '/api/v1/identity'
const ERASED = 'identity.customer.erased'

/** A customer registers, signs in, and is erased by every service that handles the event. */
export const story: Story = ({ ask, handlersOf }) => {
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
        const begun = await ask(202, 'POST', `${IDENTITY}/registrations`, { body: { email } })
        const path = `${IDENTITY}/registrations/${begun.body.id}`
        const { code } = (await ask(200, 'GET', path, { as: 'staff' })).body
        id = (await ask(200, 'PUT', `${path}/confirmation`, { body: { code, password } })).body.id
      }
    ],
    [
      'signs the customer in, and returns 401 for another password',
      async () => {
        await ask(401, 'POST', sessions, { body: { email, password: `${password}x` } })
        tokens = (await ask(201, 'POST', sessions, { body: { email, password, refresh: 'body' } })).body
      }
    ],
    [
      'gives the customer new tokens, which open the account',
      async () => {
        tokens = (await refresh(200)).body
        const { body } = await ask(200, 'GET', `${IDENTITY}/customers/${id}`, { token: tokens.accessToken })
        same('the account', [id, email], [body.id, body.email])
      }
    ],
    [
      'erases the customer, in other services too',
      async () => {
        await ask(202, 'DELETE', `${IDENTITY}/customers/${id}`, { token: tokens.accessToken, body: { password } })
        await refresh(401)
        const awaited = ['identity', ...handlersOf(ERASED)]
        await comesToBe('the services that reported the erasure', awaited, async () => {
          const { body } = await ask(200, 'GET', `${IDENTITY}/erasures/${id}`, { as: 'staff' })
          const reported = (body.reports as { service: string }[]).map(({ service }) => service)
          return awaited.filter(name => reported.includes(name))
        })
      }
    ]
  ]
}
