import assert from 'node:assert/strict'
import { startGateway, stubService } from './helper.ts'
import { getThing, putThing } from './operations.ts'

describe('the metrics of the gateway', () => {
  let things: Awaited<ReturnType<typeof stubService>>
  let made: Awaited<ReturnType<typeof startGateway>>
  before(async () => {
    things = await stubService([getThing, putThing])
    made = await startGateway({ things: things.stub.url })
  })
  after(async () => {
    await made.close()
    await things.stop()
  })

  it('have each routed operation at 0 before its first request', async () => {
    const text = await made.registry.metrics()
    for (const operation of ['getThing', 'putThing']) {
      for (const status of [200, 500, 503]) {
        const series = `bulkhead_request_duration_seconds_count{operation="${operation}",status="${status}"}`
        assert.ok(text.includes(`\n${series} 0\n`), series)
      }
      assert.ok(text.includes(`\nbulkhead_client_retries_total{target="things",operation="${operation}"} 0\n`))
    }
  })

  it('have the retries that each service may still get', async () => {
    assert.match(await made.registry.metrics(), /^bulkhead_client_retry_budget\{target="things"\} 10$/m)
  })
})
