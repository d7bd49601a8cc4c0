import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { operation } from '@bulkhead/chassis/contract'
import { customer } from '@bulkhead/testing/callers'
import { httpServer } from '@bulkhead/testing/http-server'
import { until } from '@bulkhead/testing/until'
import * as z from 'zod'
import { startGateway, stubService } from './helper.ts'

const lamp = { 200: { description: 'The lamp', body: z.object({}) } }
const getLamp = operation({
  id: 'getLamp',
  method: 'get',
  path: '/lamp',
  summary: 'Get the lamp',
  callers: ['public'],
  answers: lamp
})
const watchLamp = operation({
  id: 'watchLamp',
  method: 'get',
  path: '/lamp/events',
  summary: 'Watch the lamp',
  callers: ['public'],
  stream: true,
  answers: lamp
})

describe('open streams at the gateway', () => {
  let light: Awaited<ReturnType<typeof stubService>>
  let made: Awaited<ReturnType<typeof startGateway>>
  let front: Awaited<ReturnType<typeof httpServer>>
  /** The streams at the service. */
  let ends: ServerResponse[]
  /** The answers at the clients. The test keeps them, because fetch closes the connection of an answer without a reference. */
  let answers: Response[]
  let status: number

  beforeEach(async () => {
    ends = []
    answers = []
    status = 200
    light = await stubService([getLamp, watchLamp], 'light')
    light.stub.answer = ({ url }, response) => {
      if (url === '/lamp') return response.end('{}')
      if (status !== 200) return response.writeHead(status).end()
      ends.push(response)
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('retry: 1000\n\n')
    }
  })
  afterEach(async () => {
    await front.stop()
    await made.close()
    await light.stop()
  })

  const start = async (limits: { service?: string; client?: string } = {}) => {
    const { service = '500', client = '500' } = limits
    const config = { TRUSTED_PROXIES: '1', STREAM_LIMIT_SERVICE: service, STREAM_LIMIT_CLIENT: client }
    made = await startGateway({ light: light.stub.url }, { config })
    front = await httpServer(made.app)
  }
  const ask = (path: string, headers: Record<string, string>, signal?: AbortSignal) =>
    fetch(`${front.url}/api/v1/light${path}`, { headers, ...(signal && { signal }) })
  const from = (address: string) => ({ 'X-Forwarded-For': address })
  const getStatus = async () => (await ask('/lamp', {})).status

  /** Requests a stream. The stream is open when this resolves with a 200. */
  async function watch(headers: Record<string, string> = {}) {
    const going = new AbortController()
    const answer = await ask('/lamp/events', headers, going.signal)
    answers.push(answer)
    return { answer, leave: () => going.abort() }
  }
  const openNow = async () => (await made.registry.getSingleMetric('bulkhead_open_streams')!.get()).values[0]!.value

  it('use no places of other requests', async () => {
    await start({ service: '3', client: '1000' })
    for (let count = 0; count < 3; count++) assert.equal((await watch()).answer.status, 200)
    const more = await Promise.all(Array.from({ length: 60 }, () => watch()))
    assert.deepEqual([...new Set(more.map(({ answer }) => answer.status))], [503])
    assert.equal(more[0]!.answer.headers.get('retry-after'), '1')
    const { detail } = (await more[0]!.answer.json()) as { detail: string }
    assert.equal(detail, 'Another stream of light is not available')
    assert.equal(await getStatus(), 200)
    assert.equal(await openNow(), 3)
  })

  it('are limited for each client, who gets places back when streams end', async () => {
    await start({ service: '100', client: '2' })
    const [one, another] = [from('192.0.2.1'), from('192.0.2.2')]
    const watching = [await watch(one), await watch(one)]
    const { answer } = await watch(one)
    assert.equal(answer.status, 429)
    const { type, detail } = (await answer.json()) as { type: string; detail: string }
    assert.equal(type, 'urn:bulkhead:problem:too-many-streams')
    assert.equal(detail, 'A client may have 2 open streams of light: end one first')
    assert.equal((await watch(another)).answer.status, 200)
    watching[0]!.leave()
    await until(async () => (await watch(one)).answer.status === 200)
    ends[1]!.end()
    await until(async () => (await watch(one)).answer.status === 200)
    assert.equal((await watch(one)).answer.status, 429)
    assert.equal(await openNow(), 3)
    for (const end of ends) end.end()
    await until(async () => (await openNow()) === 0)
  })

  it('are counted by account, from any address', async () => {
    await start({ service: '100', client: '1' })
    const account = { Authorization: customer().header }
    assert.equal((await watch({ ...account, ...from('192.0.2.1') })).answer.status, 200)
    assert.equal((await watch({ ...account, ...from('192.0.2.2') })).answer.status, 429)
    assert.equal((await watch(from('192.0.2.1'))).answer.status, 200)
  })

  it('are not opened for a client that disconnected while its limits were checked', async () => {
    const left = Promise.withResolvers<void>()
    const going = new AbortController()
    made = await startGateway(
      { light: light.stub.url },
      {
        async lease(_key, asked) {
          going.abort()
          await left.promise
          return asked
        }
      }
    )
    front = await httpServer((request, response) => {
      response.once('close', left.resolve)
      made.app(request, response)
    })
    await assert.rejects(ask('/lamp/events', {}, going.signal))
    await left.promise
    // The gateway handles the first request before this request.
    assert.equal(await getStatus(), 200)
    await until(async () => (await openNow()) === 0)
  })

  it('are tried again after their circuit was open, while other requests continue', async () => {
    await start()
    status = 502
    const isOpen = async () => (await watch()).answer.headers.get('retry-after') === '2'
    await until(isOpen)
    assert.equal(await getStatus(), 200)
    status = 200
    await until(async () => (await watch()).answer.status === 200)
    assert.equal((await watch()).answer.status, 200)
    await until(async () => (await openNow()) === 2)
  })
})
