import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { entryPoint } from '../../packages/cli/src/bundling/bundle.ts'
import { bundleFile } from '../../packages/cli/src/bundling/bundles.ts'
import { Failure } from '../../packages/cli/src/failure.ts'
import type { Daemon, Program } from '../../packages/cli/src/processes/daemon.ts'
import { serviceUrls, upstreams, upstreamsFile } from '../../packages/cli/src/services/service-environment.ts'
import { serviceProgram } from '../../packages/cli/src/services/service-program.ts'
import { localUrl, readStack, type Stack } from '../../packages/cli/src/services/stack.ts'
import { startStores } from '../../packages/cli/src/stores/stores.ts'
import { issueTokens } from '../../packages/cli/src/tokens/tokens.ts'
import { buildProgram } from './build.ts'
import type { Testbed } from './testbed.ts'

type Options = {
  services: string[]
  portBase: number
  /** Addresses that the gateway uses instead of those of the services. */
  upstreamUrls?: Record<string, string>
  /** Additional environment variables for all services. */
  environment?: Record<string, string>
  /** Called for each store: returns the address that the service uses for it, such as one of a proxy. */
  storeProxy?: (service: string, url: string) => Promise<string>
}

export type RunningServices = {
  stack: Stack
  daemons: Record<string, Daemon>
  /** The processes of the stores and the event log, by name. */
  stores: Record<string, Daemon>
  /** The address of each service's store. */
  storeUrls: Record<string, string>
}

/** Starts some of the services like `bulkhead up`: bundled, each on its own store, with new keys and tokens. */
export async function startServices(testbed: Testbed, options: Options): Promise<RunningServices> {
  const { services: names, portBase, upstreamUrls, environment, storeProxy } = options
  const whole = readStack(testbed.root, portBase)
  const services = whole.services.filter(({ name }) => names.includes(name))
  const stack = { ...whole, folder: join(testbed.folder, 'stack'), services }
  await issueTokens(stack)
  writeFileSync(upstreamsFile(stack), JSON.stringify(upstreamUrls ?? upstreams(stack)))
  const stores: Record<string, Daemon> = {}
  const launch = async (program: Program) => {
    stores[program.name] = await testbed.launch(program)
  }
  const { urls: storeUrls } = await startStores(stack, { userServers: {}, say: testbed.say, launch })
  const started = services.map(async service => {
    await buildProgram(testbed.root, entryPoint(service.name), bundleFile(stack, service.name))
    const url = storeUrls[service.name]
    const program = serviceProgram(stack, service, url && storeProxy ? await storeProxy(service.name, url) : url)
    // Services that do not run also get addresses. Nothing answers there, and each service must work without them.
    const away = serviceUrls(whole.services)
    return [
      service.name,
      await testbed.launch({ ...program, environment: { ...away, ...program.environment, ...environment } })
    ]
  })
  return { stack, daemons: Object.fromEntries(await Promise.all(started)), stores, storeUrls }
}

const ROUTED_LIMIT_MS = 10_000

/** Waits until the gateway routes a public path, because the gateway reads contracts only after the services have started. */
export async function waitUntilRouted({ stack }: RunningServices, path: string) {
  const url = localUrl(stack.portBase) + path
  for (const limit = Date.now() + ROUTED_LIMIT_MS; Date.now() < limit; await delay(50)) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ROUTED_LIMIT_MS) })
    await answer.body?.cancel()
    if (![404, 503].includes(answer.status)) return
  }
  throw new Failure(`the gateway does not route ${url}`)
}
