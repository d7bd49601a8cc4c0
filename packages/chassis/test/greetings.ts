import { pino } from 'pino'
import { Registry } from 'prom-client'
import * as z from 'zod'
import { operation } from '../src/contract/operation.ts'
import type { Caller } from '../src/core/caller.ts'
import { systemClock } from '../src/core/clock.ts'
import { unauthenticated, unavailable } from '../src/core/problem.ts'
import { createApp } from '../src/http/app.ts'
import { operations } from '../src/http/routes.ts'

export const greet = operation({
  id: 'greet',
  method: 'post',
  path: '/greetings/{name}',
  summary: 'Greet',
  callers: ['customer', 'service:orders'],
  params: z.object({ name: z.string().max(5) }),
  query: z.object({ times: z.coerce.number().int().max(3).default(1) }),
  body: z.object({ from: z.object({ name: z.string() }) }),
  bodyLimit: 100,
  answers: { 200: { description: 'The greeting', body: z.object({ text: z.string() }) } }
})
export const fail = operation({
  id: 'fail',
  method: 'get',
  path: '/fail',
  summary: 'Fail',
  callers: ['public'],
  query: z.looseObject({}),
  answers: { 204: { description: 'Never', body: null } }
})
const away = operation({ ...fail, id: 'away', path: '/away' })
const change = operation({
  id: 'change',
  method: 'put',
  path: '/thing',
  summary: 'Change',
  callers: ['public'],
  guarded: true,
  keyed: true,
  answers: {
    200: { description: 'What it was told', body: z.object({ ifMatch: z.int(), key: z.string().optional() }) }
  }
})

const make = operation({
  id: 'make',
  method: 'post',
  path: '/things',
  summary: 'Make',
  callers: ['public'],
  query: z.object({ status: z.coerce.number() }),
  answers: { 201: { description: 'New', body: z.object({ id: z.string() }) }, 200: { description: 'Old', body: null } }
})

const callers: Record<string, Caller> = {
  'Bearer ada': { kind: 'person', id: 'cus_1', roles: ['customer'] },
  'Bearer cart': { kind: 'service', name: 'cart' },
  'Bearer orders': { kind: 'service', name: 'orders' }
}

/**
 * Creates an app with a few operations, and records the lines of its log. `Bearer ada` is a customer, `Bearer cart` and `Bearer orders` are
 * services, and any other token is invalid.
 */
export function makeApp(options: { isEdge?: boolean } = {}) {
  const registry = new Registry()
  const lines: Record<string, unknown>[] = []
  const log = pino({}, { write: line => void lines.push(JSON.parse(line)) })
  const { router } = operations()
    .handle(greet, async ({ params, query, body, context }) => ({
      status: 200,
      body: {
        text: `${'Hi '.repeat(query.times)}${params.name}, ${body.from.name}`,
        given: body,
        by: context.caller
      }
    }))
    .handle(change, async ({ ifMatch, requestKey }) => ({
      status: 200,
      body: { ifMatch, key: requestKey?.withInput(1).key }
    }))
    .handle(make, async ({ query }) => ({ status: query.status as 201, body: { id: 'thg_1' } }))
    .handle(fail, async () => {
      throw new Error('the password is 1234')
    })
    .handle(away, async () => {
      throw unavailable('The store', 1, new Error('connect 10.0.0.1'))
    })
  const app = createApp({
    ...options,
    log,
    registry,
    clock: systemClock,
    contract: { digest: 'sha256:1' },
    routers: [router],
    storeProblem: error => error,
    verify(authorization) {
      if (authorization === undefined) return { kind: 'anonymous' }
      const caller = callers[authorization]
      if (!caller) throw unauthenticated('The token is not valid')
      return caller
    }
  })
  return { app, registry, lines }
}
