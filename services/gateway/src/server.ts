import { runService } from '@bulkhead/chassis/service'
import manifest from '../package.json' with { type: 'json' }
import { gatewayApp } from './app.ts'
import { gatewayConfig } from './config.ts'
import { proxy } from './proxy.ts'
import { upstreams } from './upstreams.ts'

await runService({
  manifest,
  config: gatewayConfig,
  environment: process.env,
  async build({ name: _, config, ...deps }) {
    const services = upstreams({ file: config.UPSTREAMS_FILE, log: deps.log })
    services.start()
    const { router, close } = proxy(services)
    return {
      app: gatewayApp({ proxy: router, ...deps }),
      async close() {
        services.stop()
        await close()
      }
    }
  }
})
