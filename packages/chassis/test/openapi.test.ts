import assert from 'node:assert/strict'
import * as z from 'zod'
import { pageQuery } from '../src/contract/lists.ts'
import { openApi } from '../src/contract/openapi.ts'
import { operation } from '../src/contract/operation.ts'
import { idSchema } from '../src/core/ids.ts'
import { moneySchema } from '../src/core/money.ts'

const name = z
  .string()
  .regex(/^[a-z]+$/, 'Must be small letters')
  .regex(/e/, 'Must have an e')

const changeThing = operation({
  id: 'changeThing',
  method: 'patch',
  path: '/things/{id}',
  summary: 'Change a thing',
  callers: ['staff'],
  params: z.object({ id: idSchema('thg') }),
  query: z.object(pageQuery),
  guarded: true,
  keyed: true,
  body: z.object({ name, price: moneySchema }),
  example: { name: 'ten', price: { amount: 1, currency: 'EUR' } },
  answers: { 204: { description: 'Changed', body: null } }
})

const createThing = operation({
  id: 'createThing',
  method: 'post',
  path: '/things',
  summary: 'Make a thing',
  callers: ['staff'],
  perClient: { calls: 60, seconds: 60 },
  answers: {
    200: { description: 'It was there', body: z.object({ id: idSchema('thg') }) },
    201: { description: 'It is new', body: z.object({ id: idSchema('thg') }) }
  }
})

const watchThing = operation({
  id: 'watchThing',
  method: 'get',
  path: '/things/events',
  summary: 'Watch things',
  callers: ['staff'],
  stream: true,
  answers: {
    200: { description: 'The thing after each change', body: z.object({ id: idSchema('thg'), at: z.iso.datetime() }) }
  }
})

describe('the OpenAPI document', () => {
  const operations = [changeThing, createThing, watchThing]
  const document = openApi({ service: 'things', version: '1.0.0', summary: 'Keeps things', operations })
  const { paths, components } = JSON.parse(JSON.stringify(document))
  const { parameters, requestBody } = JSON.parse(JSON.stringify(paths['/things/{id}']!.patch))
  const { content } = requestBody

  it('describes each parameter of the chassis', () => {
    for (const { name, description } of parameters) assert.ok(description, name)
  })

  it('has the error message of the service for each pattern', () => {
    assert.deepEqual(parameters[0].schema, { $ref: '#/components/schemas/thgId' })
    assert.equal(components.schemas.thgId['x-pattern-message'], 'Must be thg_ and 26 characters of base32')
    const { allOf } = content['application/json'].schema.properties.name
    assert.deepEqual(
      allOf.map((part: Record<string, string>) => part['x-pattern-message']),
      ['Must be small letters', 'Must have an e']
    )
  })

  it('has examples that match their schemas', () => {
    const { id } = changeThing.params!.shape
    assert.ok(id.safeParse(components.schemas.thgId.examples[0]).success)
    const { schema } = content['application/json']
    assert.ok(name.safeParse(schema.properties.name.examples[0]).success)
    assert.deepEqual(schema.properties.price, { $ref: '#/components/schemas/MoneyInput' })
    const { amount, currency } = components.schemas.MoneyInput.properties
    assert.ok(moneySchema.safeParse({ amount: amount.examples[0], currency: currency.examples[0] }).success)
  })

  it('describes one event of a stream, whose data is JSON in a string', () => {
    const { content } = JSON.parse(JSON.stringify(paths['/things/events']!.get)).responses[200]
    const { id, data } = content['text/event-stream'].schema.properties
    assert.deepEqual([id.type, data.type, data.contentMediaType], ['string', 'string', 'application/json'])
    assert.deepEqual(data.contentSchema.required, ['id', 'at'])
    assert.ok(z.iso.datetime().safeParse(data.contentSchema.properties.at.examples[0]).success)
  })

  it('says that a creation has a Location', () => {
    const { responses } = JSON.parse(JSON.stringify(paths['/things']!.post))
    assert.equal(responses[201].headers.Location.schema.format, 'uri-reference')
    assert.equal(responses[200].headers, undefined)
  })

  it('names the problems that follow from the input of an operation', () => {
    const statusesOf = (operation: object | undefined) =>
      Object.keys((operation as { responses: object }).responses).filter(status => Number(status) >= 400)
    assert.equal(statusesOf(paths['/things/{id}']!.patch).join(), '400,401,403,404,408,409,412,413,422,428,503')
    assert.equal(statusesOf(paths['/things']!.post).join(), '401,403,429,503')
  })

  it('says how often a client may call an operation that is limited', () => {
    const rateOf = (operation: object | undefined) => (operation as Record<string, unknown>)['x-per-client']
    assert.deepEqual(rateOf(paths['/things']!.post), { calls: 60, seconds: 60 })
    assert.equal(rateOf(paths['/things/{id}']!.patch), undefined)
  })

  it('describes the body of a PATCH for both media types, with the example', () => {
    assert.deepEqual(Object.keys(content), ['application/json', 'application/merge-patch+json'])
    assert.deepEqual(content['application/json'].example, changeThing.example)
  })
})
