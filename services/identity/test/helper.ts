import { appDeps } from '@bulkhead/testing/app-deps'
import { staff } from '@bulkhead/testing/callers'
import { mongoStore } from '@bulkhead/testing/mongo-database'
import { Registry } from 'prom-client'
import request from 'supertest'
import { identityApp } from '../src/app.ts'
import { identity } from '../src/identity.ts'
import type { SCHEDULE } from '../src/keys/schedule.ts'

export const SECRET = 'a secret of at least 32 characters'
export const ISSUER = 'test-identity'
export const PASSWORD = 'correct horse battery'

type Options = {
  replicas?: number
  passwords?: { concurrency: number; queue: number }
  schedule?: typeof SCHEDULE
}

/** identity on a store of its own, as several replicas where asked for, each an app with metrics of its own, and a clock to be moved. */
export async function startIdentity({
  replicas = 1,
  passwords = { concurrency: 2, queue: 100 },
  schedule
}: Options = {}) {
  let ahead = 0
  const clock = { now: () => new Date(Date.now() + ahead) }
  const deps = { ...appDeps('identity'), clock }
  const { db, url, outbox, eventsOf, close } = await mongoStore('identity', deps)

  async function replica() {
    const registry = new Registry()
    const options = { db, outbox, clock, log: deps.log, registry, issuer: ISSUER, secret: SECRET, passwords }
    const ours = await identity({ ...options, ...(schedule && { schedule }) })
    const server = identityApp({ ...deps, registry, identity: ours }).listen(0)
    return { ...ours, registry, server, address: `http://127.0.0.1:${(server.address() as { port: number }).port}` }
  }
  const first = await replica()
  const all = [first]
  while (all.length < replicas) all.push(await replica())

  type Method = 'get' | 'post' | 'put' | 'delete'
  const send = (method: Method, path: string, body?: object, header?: string, turn = 0) => {
    const test = request(all[turn % replicas]!.server)[method](path)
    if (header) test.set('Authorization', header)
    return body ? test.send(body) : test
  }
  const { header } = staff()

  /** Registers a customer and confirms it. */
  async function register(email = newAddress(), password = PASSWORD) {
    const { id } = (await send('post', '/registrations', { email }).expect(202)).body
    const { code } = (await send('get', `/registrations/${id}`, undefined, header).expect(200)).body
    const { body } = await send('put', `/registrations/${id}/confirmation`, { code, password }).expect(200)
    return { id: body.id as string, email, password }
  }

  return {
    ...{ db, url, clock, replicas: all, first, send, register, staff: header },
    eventsOf: (id: string) => eventsOf('accounts', id),
    /** Moves the clock of all replicas. */
    pass(milliseconds: number) {
      ahead += milliseconds
    },
    signIn: (email: string, password = PASSWORD, more = {}, turn = 0) =>
      send('post', '/sessions', { email, password, refresh: 'body', ...more }, undefined, turn),
    refresh: (refreshToken: string, turn = 0) => send('post', '/sessions/refresh', { refreshToken }, undefined, turn),
    async close() {
      for (const { server } of all) {
        server.close()
        server.closeAllConnections()
      }
      await close()
    }
  }
}

let addresses = 0
export const newAddress = () => `ada${++addresses}@example.com`

export type TestIdentity = Awaited<ReturnType<typeof startIdentity>>
