import assert from 'node:assert/strict'
import { contractOfService } from '@bulkhead/testing/contracts'
import { httpServer } from '@bulkhead/testing/http-server'
import { type RedisDatabase, redisDatabase } from '@bulkhead/testing/redis-database'
import { silentLog } from '@bulkhead/testing/silent'
import request from 'supertest'
import { tokenLeases } from '../src/limits/leases.ts'
import { startGateway } from './helper.ts'

const CONTRACT = JSON.stringify(contractOfService('identity'))
const IDENTITY = '/api/v1/identity'
const ATTACKER = '192.0.2.66'
const BURSTS = 4
const BURST = 50

describe('bursts of registrations from one address', () => {
  let identity: Awaited<ReturnType<typeof httpServer>>
  let made: Awaited<ReturnType<typeof startGateway>>
  let store: RedisDatabase
  let registrations: number

  beforeEach(async () => {
    registrations = 0
    identity = await httpServer((request, response) => {
      if (request.url === '/.well-known/contract') return void response.end(CONTRACT)
      if (request.url === '/registrations') registrations++
      request.resume().on('end', () => response.setHeader('Content-Type', 'application/json').end('{}'))
    })
    store = await redisDatabase()
    const lease = tokenLeases(store.redis, silentLog)
    made = await startGateway({ identity: identity.url }, { lease, config: { TRUSTED_PROXIES: '1' } })
  })
  afterEach(async () => {
    await made.close()
    await identity.stop()
    await store.close()
  })

  const send = (method: 'get' | 'post', path: string, address: string, body?: object) =>
    request(made.app)
      [method](IDENTITY + path)
      .set('X-Forwarded-For', address)
      .send(body)
  const register = (address: string) => send('post', '/registrations', address, { email: 'ada@example.com' })

  it('get a 429 and do not affect refreshing, the key set or other addresses', async () => {
    const statuses: number[] = []
    for (let burst = 0; burst < BURSTS; burst++) {
      const answers = await Promise.all(Array.from({ length: BURST }, () => register(ATTACKER)))
      statuses.push(...answers.map(({ status }) => status))
      await send('post', '/sessions/refresh', ATTACKER, { refreshToken: 'x' }).expect(200)
      await send('get', '/.well-known/jwks.json', ATTACKER).expect(200)
    }
    await register('192.0.2.1').expect(200)
    const refused = statuses.filter(status => status === 429).length
    assert.equal(statuses.filter(status => status === 200).length, statuses.length - refused)
    assert.ok(refused > statuses.length / 2, `${refused} of ${statuses.length} were refused`)
    assert.equal(registrations, statuses.length - refused + 1)
  })
})
