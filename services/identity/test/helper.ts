import { staff } from '@bulkhead/testing/callers'
import { aggregateEvents } from '@bulkhead/testing/mongo-database'
import { startForTest } from '@bulkhead/testing/start-for-test'
import request from 'supertest'
import { identity } from '../src/service.ts'

export const SECRET = 'a secret of at least 32 characters'
export const ISSUER = 'test-identity'
export const PASSWORD = 'correct horse battery'
/** The maintenance runs only once, at the start. */
const IDLE_MS = 3_600_000

type Options = {
  replicas?: number
  passwords?: { concurrency: number; queue: number }
  /** The time between two runs of the maintenance (ms). */
  maintenanceMs?: number
}

type Method = 'get' | 'post' | 'put' | 'delete'

/** Starts replicas of identity on one empty store. Each has its own metrics; all share a clock that a test can move. */
export async function startIdentity({
  replicas: count = 1,
  passwords = { concurrency: 2, queue: 100 },
  maintenanceMs = IDLE_MS
}: Options = {}) {
  let ahead = 0
  const clock = { now: () => new Date(Date.now() + ahead) }
  const config = {
    PEOPLE_ISSUER: ISSUER,
    SIGNING_KEYS_SECRET: SECRET,
    PASSWORD_CONCURRENCY: String(passwords.concurrency),
    PASSWORD_QUEUE: String(passwords.queue)
  }
  const startReplica = (storeUrl?: string) =>
    startForTest(identity, { config, clock, settings: { maintenanceMs }, storeUrl })
  const first = await startReplica()
  const replicas = [first]
  while (replicas.length < count) replicas.push(await startReplica(first.storeUrl))

  /** Sends a request to one of the replicas: to each of them in turn, if the test increments `turn`. */
  const send = (method: Method, path: string, body?: object, header?: string, turn = 0) => {
    const test = request(replicas[turn % count]!.url)[method](path)
    if (header) test.set('Authorization', header)
    return body ? test.send(body) : test
  }
  const { header } = staff()

  /** Registers a customer and confirms the address. */
  async function register(email = newAddress(), password = PASSWORD) {
    const { id } = (await send('post', '/registrations', { email }).expect(202)).body
    const { code } = (await send('get', `/registrations/${id}`, undefined, header).expect(200)).body
    const { body } = await send('put', `/registrations/${id}/confirmation`, { code, password }).expect(200)
    return { id: body.id as string, email, password }
  }

  return {
    db: first.db,
    clock,
    replicas,
    first,
    send,
    register,
    staff: header,
    /** Returns the events of an account, in their order. */
    async eventsOf(id: string) {
      const events = await aggregateEvents(first.db, 'accounts', id)
      return events.map(([type, version]) => ({ type, version }))
    },
    /** Moves the clock of all replicas forward. */
    pass(milliseconds: number) {
      ahead += milliseconds
    },
    signIn: (email: string, password = PASSWORD, more = {}, turn = 0) =>
      send('post', '/sessions', { email, password, refresh: 'body', ...more }, undefined, turn),
    refresh: (refreshToken: string, turn = 0) => send('post', '/sessions/refresh', { refreshToken }, undefined, turn),
    async close() {
      for (const replica of replicas.toReversed()) await replica.close()
    }
  }
}

let addresses = 0
export const newAddress = () => `ada${++addresses}@example.com`

export type TestIdentity = Awaited<ReturnType<typeof startIdentity>>
