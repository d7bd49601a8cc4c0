import { randomBytes } from 'node:crypto'
import type { OpenTraffic, Sent } from '@bulkhead/testing/traffic'

const IDENTITY = '/api/v1/identity'
/** The number of sessions, which is below the limit of an account. */
const SESSION_COUNT = 16

/** Refreshes sessions, each with one request at a time, and reads an account. */
export const traffic: OpenTraffic = async ({ ask, tokens: { staff } }) => {
  const idle: { refreshToken: string }[] = []
  const email = `load-${randomBytes(6).toString('hex')}@example.com`
  const password = randomBytes(12).toString('base64url')
  const begun = await ask(202, 'POST', `${IDENTITY}/registrations`, { body: { email } })
  const path = `${IDENTITY}/registrations/${begun.body.id}`
  const { code } = (await ask(200, 'GET', path, { as: 'staff' })).body
  const { id } = (await ask(200, 'PUT', `${path}/confirmation`, { body: { code, password } })).body
  for (let count = 0; count < SESSION_COUNT; count++)
    idle.push((await ask(201, 'POST', `${IDENTITY}/sessions`, { body: { email, password, refresh: 'body' } })).body)
  const lookUp = (): Sent => ({ method: 'GET', path: `${IDENTITY}/customers/${id}`, token: staff, expected: [200] })
  function refresh(session: (typeof idle)[number]): Sent {
    const body = { refreshToken: session.refreshToken }
    const answered = (refreshed: typeof session) => idle.push(refreshed)
    return { method: 'POST', path: `${IDENTITY}/sessions/refresh`, body, expected: [200], answered }
  }
  /** The number of refreshes that waited because all sessions were in use. They replace later reads. */
  let owed = 0
  const next = (isWrite: boolean): Sent => {
    if (isWrite) owed++
    const session = owed > 0 ? idle.shift() : undefined
    if (!session) return lookUp()
    owed--
    return refresh(session)
  }
  return {
    read: () => next(false),
    write: () => next(true),
    async check() {
      const findings = idle.length < SESSION_COUNT ? [`${SESSION_COUNT - idle.length} sessions were not refreshed`] : []
      for (const [place, { refreshToken }] of idle.entries())
        try {
          idle[place] = (await ask(200, 'POST', `${IDENTITY}/sessions/refresh`, { body: { refreshToken } })).body
        } catch (error) {
          findings.push(`An acknowledged session is not valid: ${(error as Error).message}`)
        }
      return findings
    }
  }
}
