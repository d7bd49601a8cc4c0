import assert from 'node:assert/strict'
import { customer, staff } from '@bulkhead/testing/callers'
import { contractOfService, serviceNames } from '@bulkhead/testing/contracts'
import { httpServer } from '@bulkhead/testing/http-server'
import request from 'supertest'
import { contract as contractSchema, type PublicOperation, publicOperations } from '../src/routing/contracts.ts'
import { publicPath } from '../src/routing/route-table.ts'
import { startGateway } from './helper.ts'

const contracts = serviceNames().map(service => ({ service, text: JSON.stringify(contractOfService(service)) }))

type Schema = {
  type?: string
  maxLength?: number
  maximum?: number
  enum?: unknown[]
  default?: unknown
  examples?: unknown[]
  anyOf?: Schema[]
}

/** A character with three bytes in UTF-8 and nine characters in a URL. */
const WIDE = '\u6f22'

/** Parameters without a length in the contract: services limit the length of lists, and make cursors themselves. */
const LONGEST_LISTS: Record<string, (example: string) => string> = {
  ids: example => Array(100).fill(example).join(','),
  skus: () => WIDE.repeat(910),
  cursor: () => 'x'.repeat(1_000)
}

/** Returns the longest text that a parameter accepts. Fails for a parameter without a maximum length. */
function longestOf(name: string, schema: Schema): string {
  if (Object.hasOwn(LONGEST_LISTS, name)) return LONGEST_LISTS[name]!('prd_06dk3v5q8xte9s2w7m4c1znhb0')
  if (schema.anyOf) return longestOf(name, schema.anyOf[0]!)
  if (schema.enum) return schema.enum.map(String).reduce((one, other) => (other.length > one.length ? other : one))
  if (schema.maxLength !== undefined) return WIDE.repeat(schema.maxLength)
  const known =
    schema.examples?.[0] ?? schema.maximum ?? schema.default ?? (schema.type === 'boolean' ? true : undefined)
  if (known === undefined) assert.fail(`The parameter ${name} has no bound: give its schema a maxLength`)
  return String(known)
}

/** Returns the longest path and query of an operation, at its service. */
function longestUrl({ path, described }: PublicOperation) {
  const inPlace = (place: string) => described.parameters.filter(parameter => parameter.in === place)
  const text = ({ name, schema }: (typeof described.parameters)[number]) =>
    encodeURIComponent(longestOf(name, schema as Schema))
  const filled = inPlace('path').reduce((url, each) => url.replace(`{${each.name}}`, text(each)), path as string)
  const query = inPlace('query').map(each => `${each.name}=${text(each)}`)
  return query.length > 0 ? `${filled}?${query.join('&')}` : filled
}

const LONGEST_HEADERS = {
  'If-Match': `"${Number.MAX_SAFE_INTEGER}"`,
  'If-None-Match': `"${Number.MAX_SAFE_INTEGER}"`,
  'Idempotency-Key': `"${'k'.repeat(200)}"`,
  Accept: 'application/json;'.padEnd(1_000, 'q'),
  'Accept-Language': 'de,'.repeat(300),
  'User-Agent': 'x'.repeat(1_000)
}

for (const { service, text } of contracts) {
  describe(`the longest input that the contract of ${service} allows`, () => {
    const operations = publicOperations(service, contractSchema.parse(JSON.parse(text)))
    let upstream: Awaited<ReturnType<typeof httpServer>>
    let made: Awaited<ReturnType<typeof startGateway>>
    let urls: string[]
    before(async () => {
      upstream = await httpServer((request, response) => {
        if (request.url === '/.well-known/contract') return void response.end(text)
        urls.push(request.url!)
        request.resume().on('end', () => response.setHeader('Content-Type', 'application/json').end('{}'))
      })
      made = await startGateway({ [service]: upstream.url })
    })
    after(async () => {
      await made.close()
      await upstream.stop()
    })

    for (const operation of operations.filter(({ described }) => !described.requestBody)) {
      const { id, method, callers } = operation
      it(`reaches ${service} in a call of ${id}`, async () => {
        urls = []
        const url = longestUrl(operation)
        const asking = request(made.app)[method as 'get'](publicPath(service, url)).set(LONGEST_HEADERS)
        const { header } = callers.includes('customer') ? customer() : staff()
        await asking.set('Authorization', header).expect(200)
        assert.deepEqual(urls, [url])
      })
    }

    for (const operation of operations.filter(({ described }) => described.requestBody)) {
      const { id, method } = operation
      it(`reaches the check of the body in a call of ${id} of ${service}`, async () => {
        const asking = request(made.app)[method as 'post'](publicPath(service, longestUrl(operation)))
        const { header } = operation.callers.includes('customer') ? customer() : staff()
        const { status } = await asking.set({ ...LONGEST_HEADERS, Authorization: header })
        assert.ok(status === 400 || status === 415, `It answered ${status}`)
      })
    }
  })
}
