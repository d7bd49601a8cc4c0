import assert from 'node:assert/strict'
import { contractOf, operation } from '@bulkhead/chassis/contract'
import { createApp, operations } from '@bulkhead/chassis/http'
import { appDeps } from '@bulkhead/testing/app-deps'
import { httpServer } from '@bulkhead/testing/http-server'
import { until } from '@bulkhead/testing/until'
import * as z from 'zod'
import { startGateway } from './helper.ts'

const watchLamp = operation({
  id: 'watchLamp',
  method: 'get',
  path: '/lamp/events',
  summary: 'Watch the lamp',
  callers: ['public'],
  stream: true,
  answers: { 200: { description: 'Each change', body: z.object({ on: z.boolean() }) } }
})
const openRoom = operation({
  id: 'openRoom',
  method: 'get',
  path: '/room',
  summary: 'Open the room',
  callers: ['public'],
  headers: ['room-key'],
  cookie: 'guest',
  answers: { 200: { description: 'The headers that arrived', body: z.record(z.string(), z.string().optional()) } }
})

describe('an operation through the gateway', () => {
  let light: Awaited<ReturnType<typeof httpServer>>
  let made: Awaited<ReturnType<typeof startGateway>>
  let front: Awaited<ReturnType<typeof httpServer>>
  let next: PromiseWithResolvers<boolean>
  let ended: boolean

  async function* changes() {
    try {
      for (let id = 1; ; id++) {
        yield { id: String(id), data: { on: await next.promise } }
        next = Promise.withResolvers()
      }
    } finally {
      ended = true
    }
  }

  beforeEach(async () => {
    next = Promise.withResolvers()
    ended = false
    const { router } = operations()
      .handle(watchLamp, async () => ({ status: 200, events: changes() }))
      .handle(openRoom, async ({ header }) => ({
        status: 200,
        body: { key: header('room-key'), other: header('other-key'), cookie: header('cookie') },
        headers: { 'Set-Cookie': ['guest=2; HttpOnly', 'seen=1'] }
      }))
    const contract = contractOf({
      service: 'light',
      version: '1.0.0',
      summary: 'Keeps light',
      operations: [watchLamp, openRoom],
      events: []
    })
    light = await httpServer(
      createApp({ ...appDeps('light'), contract, routers: [router], storeProblem: error => error })
    )
    made = await startGateway({ light: light.url })
    front = await httpServer(made.app)
  })
  afterEach(() => Promise.all([front.stop(), made.close(), light.stop()]))

  it('streams its events as they come, until the reader disconnects', async () => {
    const going = new AbortController()
    const answer = await fetch(`${front.url}/api/v1/light/lamp/events`, { signal: going.signal })
    assert.equal(answer.headers.get('content-type'), 'text/event-stream; charset=utf-8')
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    let text = ''
    const reading = (async () => {
      for await (const part of answer.body!) text += Buffer.from(part).toString()
    })().catch(() => undefined)
    await until(() => text === 'retry: 1000\n\n')
    next.resolve(true)
    await until(() => text.endsWith('id: 1\ndata: {"on":true}\n\n'))
    next.resolve(false)
    await until(() => text.endsWith('id: 2\ndata: {"on":false}\n\n'))
    going.abort()
    await reading
    await until(() => {
      next.resolve(true)
      return ended
    })
  })

  it('answers a HEAD request for its stream at once', async () => {
    const { status } = await fetch(`${front.url}/api/v1/light/lamp/events`, { method: 'HEAD' })
    assert.equal(status, 200)
  })

  it('gets the headers and the cookie that it reads, and can set cookies', async () => {
    const answer = await fetch(`${front.url}/api/v1/light/room`, {
      headers: { 'Room-Key': 'k', 'Other-Key': 'o', Cookie: 'theme=dark; guest=1; guests=3' }
    })
    assert.deepEqual(await answer.json(), { key: 'k', cookie: 'guest=1' })
    assert.deepEqual(answer.headers.getSetCookie(), ['guest=2; HttpOnly', 'seen=1'])
  })
})
