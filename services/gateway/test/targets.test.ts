import { httpServer } from '@bulkhead/testing/http-server'
import { until } from '@bulkhead/testing/until'
import { Registry } from 'prom-client'
import { targets } from '../src/proxy/targets.ts'

describe('a target of the gateway', () => {
  for (const connections of ['requests', 'streams'] as const) {
    it(`ends an idle connection for ${connections} in time, whatever Keep-Alive header the service sends`, async () => {
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
