import { contractOf, type Operation } from '@bulkhead/chassis/contract'
import { httpServer } from '@bulkhead/testing/http-server'
import { until } from '@bulkhead/testing/until'
import request from 'supertest'
import { startGateway } from './helper.ts'
import { getThing, putThing } from './operations.ts'

/** A service with these operations. It delays the contract while `isSlow`, until `release` is called. */
async function slowService(operations: Operation[]) {
  const { promise: isReleased, resolve: release } = Promise.withResolvers<void>()
  const service = { operations, version: '1', isSlow: false, asked: 0, release }
  const { url, stop } = await httpServer(async (_request, response) => {
    service.asked++
    const contract = contractOf({ ...service, service: 'things', summary: 'Keeps things', events: [] })
    if (service.isSlow) await isReleased
    response.end(JSON.stringify(contract))
  })
  return { service, url, stop }
}

describe('the contracts that the gateway reads', () => {
  it('stay the newest ones when an earlier read ends last', async () => {
    const { service, url, stop } = await slowService([getThing])
    const made = await startGateway({ things: url })
    await made.stopWork()
    const { asked } = service
    Object.assign(service, { operations: [putThing], isSlow: true })
    const early = made.refresh()
    await until(() => service.asked > asked)
    Object.assign(service, { operations: [getThing, putThing], isSlow: false })
    await made.refresh() // This refresh waits for the earlier read, which ends after two seconds without an answer.
    service.release()
    await early
    await request(made.app).options('/api/v1/things/things/1').expect(405).expect('Allow', 'GET, HEAD, PUT')
    await made.close()
    await stop()
  })
})
