import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { connectRedis } from '@bulkhead/chassis/redis'
import { silentLog } from '@bulkhead/testing/silent'
import request from 'supertest'
import { contractCache } from '../src/contract-cache.ts'
import { contract } from '../src/contracts.ts'
import { mergedOpenApi } from '../src/merged-openapi.ts'
import { operations } from './operations.ts'
import { gateway, stubService } from './stand.ts'

describe('the reference', () => {
  let services: Awaited<ReturnType<typeof stubService>>[]
  let made: Awaited<ReturnType<typeof gateway>>

  before(async () => {
    services = [await stubService(operations), await stubService(operations, 'others')]
    made = await gateway({ things: services[0]!.stub.url, others: services[1]!.stub.url })
  })
  after(async () => {
    await made.close()
    for (const { stop } of services) await stop()
  })

  it('has the public operations of all services in one document, and nothing for services only', async () => {
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

  it('is a page that loads only what the gateway serves itself', async () => {
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
  const log = silentLog
  const redis = connectRedis(process.env.TEST_REDIS_URL ?? '', 'test', log)
  before(async () => {
    if (redis.status !== 'ready') await new Promise(resolve => redis.once('ready', resolve))
  })
  after(() => redis.disconnect())

  it('has a gateway that starts while a service is away answer 503, and 404 for what it never had', async () => {
    const name = `things-${randomUUID()}`
    const things = await stubService(operations, name)
    const cache = contractCache(redis, log)
    const first = await gateway({ [name]: things.stub.url }, { cache })
    await first.close()
    await things.stop()
    const second = await gateway({ [name]: things.stub.url }, { cache })
    await request(second.app).get(`/api/v1/${name}/things/1`).expect(503)
    await request(second.app).get(`/api/v1/${name}/nothing`).expect(404)
    await things.startAgain()
    await request(second.app).get(`/api/v1/${name}/things/1`).expect(200)
    await second.close()
    await things.stop()
  })

  it('is done without while Redis is away', async () => {
    const things = await stubService(operations)
    const away = connectRedis('redis://127.0.0.1:1', 'test', log)
    const made = await gateway({ things: things.stub.url }, { cache: contractCache(away, log) })
    await request(made.app).get('/api/v1/things/things/1').expect(200)
    await made.close()
    away.disconnect()
    await things.stop()
  })
})
