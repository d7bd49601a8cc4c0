import assert from 'node:assert/strict'
import { redisDatabase } from '@bulkhead/testing/redis-database'
import { until } from '@bulkhead/testing/until'
import request from 'supertest'
import { mergedOpenApi } from '../src/reference/merged-openapi.ts'
import { contract } from '../src/routing/contracts.ts'
import { startGateway, stubService } from './helper.ts'
import { operations } from './operations.ts'

describe('the reference', () => {
  let services: Awaited<ReturnType<typeof stubService>>[]
  let made: Awaited<ReturnType<typeof startGateway>>

  before(async () => {
    services = [await stubService(operations), await stubService(operations, 'others')]
    made = await startGateway({ things: services[0]!.stub.url, others: services[1]!.stub.url })
  })
  after(async () => {
    await made.close()
    for (const { stop } of services) await stop()
  })

  it('has the public operations of all services, and no internal operations', async () => {
    const { body, text } = await request(made.app).get('/openapi.json').expect(200).expect('Content-Type', /json/)
    assert.deepEqual(
      body.tags.map(({ name }: { name: string }) => name),
      ['others', 'things'],
      'in the order of their names'
    )
    assert.deepEqual(Object.keys(body.paths['/api/v1/things/things/{id}']), ['get', 'put', 'patch', 'delete'])
    assert.equal(body.paths['/api/v1/others/imports'].post.operationId, 'others.importThings')
    const schemas = ['others.thgId', 'others.Problem', 'things.thgId', 'things.Problem']
    assert.deepEqual(Object.keys(body.components.schemas), schemas)
    assert.ok(text.includes('"#/components/schemas/others.Problem"'))
    assert.deepEqual(Object.keys(body.components.securitySchemes), ['token'])
    assert.doesNotMatch(text, /hold|secret|service:/)
    assert.match(body.info.description, /Authorize/)
    const { get, put } = body.paths['/api/v1/things/things/{id}']
    assert.match(get.description, /^For anyone/)
    assert.equal(put.description, 'For staff, by their token.')
  })

  it('leaves out components that only internal operations refer to', () => {
    const ref = (name: string) => ({ default: { $ref: `#/components/schemas/${name}` } })
    const document = mergedOpenApi('1', [
      {
        service: 'a',
        contract: contract.parse({
          digest: '1',
          provides: {
            openapi: {
              paths: {
                '/open': { get: { operationId: 'open', 'x-callers': ['public'], responses: ref('Open') } },
                '/inner': { get: { operationId: 'inner', 'x-callers': ['service:b'], responses: ref('Inner') } }
              },
              components: { schemas: { Open: { items: ref('Part').default }, Part: {}, Inner: {} } }
            }
          }
        })
      }
    ])
    assert.deepEqual(document.components, {
      schemas: { 'a.Open': { items: { $ref: '#/components/schemas/a.Part' } }, 'a.Part': {} }
    })
  })

  it('is a page that loads files only from the gateway', async () => {
    await request(made.app).get('/').expect(302).expect('Location', '/reference')
    const { text, headers } = await request(made.app).get('/reference').expect(200)
    assert.match(headers['content-security-policy']!, /default-src 'none'; script-src 'self';/)
    const files = [...text.matchAll(/(?:src|href)="([^"]+)"/g)]
      .map(([, file]) => file!)
      .filter(file => file !== 'data:,')
    assert.equal(files.length, 3)
    for (const file of files) await request(made.app).get(file).expect(200)
  })
})

describe('the cache of contracts', () => {
  let things: Awaited<ReturnType<typeof stubService>>
  let made: Awaited<ReturnType<typeof startGateway>>
  beforeEach(async () => {
    things = await stubService(operations)
  })
  afterEach(async () => {
    await made.close()
    await things.stop()
  })

  it('lets a gateway that starts while a service is unavailable answer 503, and 404 for unknown paths', async () => {
    const store = await redisDatabase()
    const start = () => startGateway({ things: things.stub.url }, { storeUrl: store.url })
    made = await start()
    await until(async () => (await store.redis.exists('contract:things')) === 1)
    await made.close()
    await things.stop()
    made = await start()
    const ask = (path: string) => request(made.app).get(`/api/v1/things/${path}`)
    await until(async () => (await ask('nothing')).status === 404)
    await ask('things/1').expect(503)
    await things.startAgain()
    await ask('things/1').expect(200)
    await store.close()
  })

  it('is not needed while Redis is unavailable', async () => {
    made = await startGateway({ things: things.stub.url }, { storeUrl: 'redis://127.0.0.1:1' })
    await request(made.app).get('/api/v1/things/things/1').expect(200)
  })
})
