import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { entryPoint } from '../packages/cli/src/bundle.ts'
import { bundleFile } from '../packages/cli/src/bundles.ts'
import type { Daemon, Program } from '../packages/cli/src/daemon.ts'
import { Failure } from '../packages/cli/src/failure.ts'
import { serviceUrls, upstreams, upstreamsFile } from '../packages/cli/src/service-environment.ts'
import { serviceProgram } from '../packages/cli/src/service-program.ts'
import { localUrl, readStack, type Stack } from '../packages/cli/src/stack.ts'
import { startStores } from '../packages/cli/src/stores.ts'
import { issueTokens } from '../packages/cli/src/tokens.ts'
import { buildProgram } from './build.ts'
import type { Ground } from './ground.ts'

type Options = {
  services: string[]
  portBase: number
  /** Addresses that the gateway is told in place of those of the services. */
  upstreamUrls?: Record<string, string>
  /** Variables for all of them, on top of those that the runner gives. */
  environment?: Record<string, string>
  /** Another way to the store of a service than the straight one. */
  storeWay?: (service: string, url: string) => Promise<string>
}

export type RunningServices = {
  stack: Stack
  daemons: Record<string, Daemon>
  /** The processes of the stores and the event log, by name. */
  stores: Record<string, Daemon>
  /** Where the store of each service is. */
  storeUrls: Record<string, string>
}

/** Starts some of the services as `bulkhead up` does, bundled, each on a private store of its own, with keys and tokens of their own. */
export async function startServices(ground: Ground, options: Options): Promise<RunningServices> {
  const { services: names, portBase, upstreamUrls, environment, storeWay } = options
  const whole = readStack(ground.root, portBase)
  const services = whole.services.filter(({ name }) => names.includes(name))
  const stack = { ...whole, folder: join(ground.folder, 'stack'), services }
  await issueTokens(stack)
  writeFileSync(upstreamsFile(stack), JSON.stringify(upstreamUrls ?? upstreams(stack)))
  const stores: Record<string, Daemon> = {}
  const launch = async (program: Program) => {
    stores[program.name] = await ground.launch(program)
  }
  const { urls: storeUrls } = await startStores(stack, { userServers: {}, say: ground.say, launch })
  const started = services.map(async service => {
    await buildProgram(ground.root, entryPoint(service.name), bundleFile(stack, service.name))
    const url = storeUrls[service.name]
    const program = serviceProgram(stack, service, url && storeWay ? await storeWay(service.name, url) : url)
    // Those that are not started are away: a service must bear it.
    const away = serviceUrls(whole.services)
    return [
      service.name,
      await ground.launch({ ...program, environment: { ...away, ...program.environment, ...environment } })
    ]
  })
  return { stack, daemons: Object.fromEntries(await Promise.all(started)), stores, storeUrls }
}

const ROUTED_LIMIT_MS = 10_000

/** Waits until a public path of the gateway is one that it knows: it reads the contracts of services after they start. */
export async function untilRouted({ stack }: RunningServices, path: string) {
  const url = localUrl(stack.portBase) + path
  for (const limit = Date.now() + ROUTED_LIMIT_MS; Date.now() < limit; await delay(50)) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ROUTED_LIMIT_MS) })
    await answer.body?.cancel()
    if (![404, 503].includes(answer.status)) return
  }
  throw new Failure(`the gateway does not route ${url}`)
}
