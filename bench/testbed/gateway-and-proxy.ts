import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serviceEnvironment } from '../../packages/cli/src/services/service-environment.ts'
import { localUrl } from '../../packages/cli/src/services/stack.ts'
import { customerTokens } from '../../packages/cli/src/tokens/test-tokens.ts'
import { type LoadRequest, requestLines } from '../load/wrk.ts'
import { startBaseline } from './baseline.ts'
import { startServices, waitUntilRouted } from './services.ts'
import type { Testbed } from './testbed.ts'

const CALLERS = 1_000
/** High limits for one address, because all requests come from the same one. They come from many accounts, which keep the usual limit. */
const RATES = { RATE_LIMIT_CLIENT: '100000', OPERATION_LIMIT_FACTOR: '100000' }
const PATH = '/api/v1/catalog/products/prd_01k9zq4x5pe8x9v6g3n7t2m1cd'

/**
 * Starts the gateway and a minimal proxy in front of the same upstream. `file` has the requests of 1,000 customers. `first` is one of these
 * requests.
 */
export async function startGateway(testbed: Testbed, portBase: number) {
  const upstream = await startBaseline(testbed, 'upstream')
  const bare = await startBaseline(testbed, 'proxy', { UPSTREAM: upstream.url })
  const upstreamUrls = { catalog: upstream.url }
  const options = { services: ['gateway'], portBase, upstreamUrls, environment: RATES }
  const running = await startServices(testbed, options)
  await waitUntilRouted(running, PATH)
  const tokens = await customerTokens(running.stack, CALLERS)
  const requests = tokens.map((token): LoadRequest => ({ method: 'GET', path: PATH, token }))
  const file = join(testbed.folder, 'requests')
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
