import { systemClock } from '@bulkhead/chassis/clock'
import { BadConfiguration, readConfig } from '@bulkhead/chassis/config'
import { serviceLog } from '@bulkhead/chassis/log'
import { serviceMetrics } from '@bulkhead/chassis/metrics'
import { drainOnSignal, serve } from '@bulkhead/chassis/process'
import { tokenVerifier } from '@bulkhead/chassis/tokens'
import manifest from '../package.json' with { type: 'json' }
import { gatewayApp } from './app.ts'
import { gatewayConfig } from './config.ts'
import { proxy } from './proxy.ts'
import { upstreams } from './upstreams.ts'

const service = 'gateway'

async function start() {
  const config = readConfig(gatewayConfig, process.env)
  const log = serviceLog({ service, version: manifest.version, level: config.LOG_LEVEL })
  const registry = serviceMetrics()
  const clock = systemClock
  const verify = tokenVerifier({
    service,
    people: { issuer: config.PEOPLE_ISSUER, jwks: config.PEOPLE_JWKS },
    services: {
      issuer: config.SERVICES_ISSUER,
      jwks: config.SERVICES_JWKS,
      namespace: config.SERVICES_NAMESPACE
    },
    clock
  })
  const services = upstreams({ file: config.UPSTREAMS_FILE, log })
  services.start()
  const { router, close } = proxy(services)
  const { drain } = await serve({
    config,
    app: gatewayApp({ proxy: router, clock, log, registry, verify }),
    log,
    registry,
    close: async () => {
      services.stop()
      await close()
    }
  })
  drainOnSignal(drain, log)
}

start().catch(error => {
  console.error(error instanceof BadConfiguration ? error.message : error)
  process.exit(1)
})
