import { contractOf, type Operation } from '@bulkhead/chassis/contract'
import { httpServer } from '@bulkhead/testing/http-server'
import { until } from '@bulkhead/testing/until'
import request from 'supertest'
import { startGateway } from './helper.ts'
import { getThing, putThing } from './operations.ts'

const contract = (version: string, operations: Operation[]) =>
  JSON.stringify(contractOf({ service: 'things', version, summary: 'Keeps things', operations, events: [] }))

describe('the contracts that the gateway reads', () => {
  it('stay the newest ones when an earlier read of them ends last', async () => {
    const { promise: isReleased, resolve: release } = Promise.withResolvers<void>()
    let current = contract('1.0.0', [getThing])
    let asked = 0
    let isSlow = false
    const things = await httpServer(async (_request, response) => {
      asked++
      const answer = current
      if (isSlow) await isReleased
      response.end(answer)
    })
    const made = await startGateway({ things: things.url })
    await made.stopWork()
    const before = asked
    isSlow = true
    current = contract('1.1.0', [putThing])
    const early = made.refresh()
    await until(() => asked > before)
    isSlow = false
    current = contract('1.2.0', [getThing, putThing])
    await made.refresh() // It waits for the early read, which gives up after two seconds.
    release()
    await early
    await request(made.app).options('/api/v1/things/things/1').expect(405).expect('Allow', 'GET, HEAD, PUT')
    await made.close()
    await things.stop()
  })
})
