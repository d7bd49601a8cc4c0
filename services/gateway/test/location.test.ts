import assert from 'node:assert/strict'
import { contractOf, operation } from '@bulkhead/chassis/contract'
import { createApp, operations } from '@bulkhead/chassis/http'
import { appDeps } from '@bulkhead/testing/app-deps'
import { httpServer } from '@bulkhead/testing/http-server'
import * as z from 'zod'
import { startGateway } from './helper.ts'

const lamp = z.object({ id: z.string() })
const createLamp = operation({
  id: 'createLamp',
  method: 'post',
  path: '/rooms/{room}/lamps',
  summary: 'Make a lamp',
  callers: ['public'],
  params: z.object({ room: z.string() }),
  answers: { 201: { description: 'The lamp', body: lamp } }
})
const getLamp = operation({
  id: 'getLamp',
  method: 'get',
  path: '/rooms/{room}/lamps/{id}',
  summary: 'One lamp',
  callers: ['public'],
  params: z.object({ room: z.string(), id: z.string() }),
  answers: { 200: { description: 'It', body: lamp } }
})

describe('the Location of a new resource', () => {
  it('leads to the resource at the service and at the gateway', async () => {
    const { router } = operations()
      .handle(createLamp, async () => ({ status: 201, body: { id: 'a/b' } }))
      .handle(getLamp, async ({ params: { room, id } }) => ({ status: 200, body: { id: `${id} in ${room}` } }))
    const contract = contractOf({
      service: 'light',
      version: '1.0.0',
      summary: 'Keeps lamps',
      operations: [createLamp, getLamp],
      events: []
    })
    const app = createApp({ ...appDeps('light'), contract, routers: [router], storeProblem: error => error })
    const light = await httpServer(app)
    const made = await startGateway({ light: light.url })
    const front = await httpServer(made.app)
    for (const base of [light.url, `${front.url}/api/v1/light`]) {
      const created = await fetch(`${base}/rooms/my%20room/lamps`, { method: 'POST' })
      const location = new URL(created.headers.get('location')!, created.url).href
      assert.equal(location, `${base}/rooms/my%20room/lamps/a%2Fb`)
      assert.deepEqual(await (await fetch(location)).json(), { id: 'a/b in my room' })
    }
    await Promise.all([front.stop(), made.close(), light.stop()])
  })
})
