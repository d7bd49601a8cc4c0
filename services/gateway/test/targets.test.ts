import { httpServer } from '@bulkhead/testing/http-server'
import { until } from '@bulkhead/testing/until'
import { Registry } from 'prom-client'
import { targets } from '../src/proxy/targets.ts'

describe('the targets of the gateway', () => {
  for (const connections of ['requests', 'streams'] as const) {
    it(`end a connection of ${connections} that idled for its time, whatever the service’s Keep-Alive says`, async () => {
      let ended = false
      const service = await httpServer((request, response) => {
        request.socket.on('end', () => {
          ended = true
        })
        response.setHeader('Connection', 'keep-alive').setHeader('Keep-Alive', 'timeout=75').end()
      })
      const known = targets(new Registry(), { service: 1, client: 1 }, 50)
      const { body } = await known.find('things', service.url)[connections].pool.request({ method: 'GET', path: '/' })
      await body.dump()
      await until(() => ended)
      await known.close()
      await service.stop()
    })
  }
})
