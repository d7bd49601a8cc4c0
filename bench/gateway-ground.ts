import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serviceEnvironment } from '../packages/cli/src/service-environment.ts'
import { localUrl } from '../packages/cli/src/stack.ts'
import { customerTokens } from '../packages/cli/src/test-tokens.ts'
import { startBaseline } from './baseline.ts'
import type { Ground } from './ground.ts'
import { type LoadRequest, requestLines } from './load.ts'
import { startServices, untilRouted } from './services.ts'

const CALLERS = 1_000
/** All requests come from one address, so its limits are high. They come from many accounts, whose rate is the usual one. */
const RATES = { RATE_LIMIT_CLIENT: '100000', OPERATION_LIMIT_FACTOR: '100000' }
const PATH = '/api/v1/catalog/products/prd_01k9zq4x5pe8x9v6g3n7t2m1cd'

/** Starts the gateway and a bare proxy before the same upstream. `file` has the requests of 1,000 customers, `first` is one of them. */
export async function startGateway(ground: Ground, portBase: number) {
  const upstream = await startBaseline(ground, 'upstream')
  const bare = await startBaseline(ground, 'proxy', { UPSTREAM: upstream.url })
  const upstreamUrls = { catalog: upstream.url }
  const options = { services: ['gateway'], portBase, upstreamUrls, environment: RATES }
  const running = await startServices(ground, options)
  await untilRouted(running, PATH)
  const tokens = await customerTokens(running.stack, CALLERS)
  const requests = tokens.map((token): LoadRequest => ({ method: 'GET', path: PATH, token }))
  const file = join(ground.folder, 'requests')
  writeFileSync(file, requestLines(requests))
  const { stack, storeUrls } = running
  const environment = { ...serviceEnvironment(stack, stack.services[0]!, storeUrls.gateway), ...RATES, OPS_PORT: '0' }
  return {
    url: localUrl(portBase),
    daemon: running.daemons.gateway!,
    bareUrl: bare.url,
    upstreamUrl: upstream.url,
    file,
    first: requests[0]!,
    environment
  }
}
