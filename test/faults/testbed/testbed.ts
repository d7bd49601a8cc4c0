import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { tcpProxy } from '@bulkhead/testing/tcp-proxy'
import { build } from 'esbuild'
import { bundleOptions } from '../../../packages/cli/src/bundling/bundle.ts'
import { bundleFile } from '../../../packages/cli/src/bundling/bundles.ts'
import { type Daemon, type Program, type Started, startDaemon } from '../../../packages/cli/src/processes/daemon.ts'
import { endAll, signal } from '../../../packages/cli/src/processes/processes.ts'
import { serviceUrls, upstreams, upstreamsFile } from '../../../packages/cli/src/services/service-environment.ts'
import { serviceProgram } from '../../../packages/cli/src/services/service-program.ts'
import { localUrl, readStack, type Service, type Stack } from '../../../packages/cli/src/services/stack.ts'
import { startStores } from '../../../packages/cli/src/stores/stores.ts'
import { issueTokens } from '../../../packages/cli/src/tokens/tokens.ts'
import { balancer } from './balancer.ts'

/** Additional environment variables of a replica, and the offset of its clock. */
export type StartOptions = { environment?: Record<string, string>; clock?: string }

export type TestbedOptions = {
  /** The services to start; by default those that an order needs. */
  names?: string[]
  /** The folder of its data, which is removed at the start and at the end. */
  folder?: string
  /** Environment variables of all services, in addition to the usual ones. */
  environment?: Record<string, string>
  /** Called with each process as soon as it is started. */
  started?: Started
}

export type Testbed = Awaited<ReturnType<typeof startTestbed>>
export type Replica = Awaited<ReturnType<typeof replicaOf>>

const run = promisify(execFile)

const REPLICAS = 2
/** The offset of the replicas' first port from the stack's first port. */
const REPLICA_PORTS = 300
/** The services that an order needs. They do not include identity, so the runner's own keys sign the tokens. */
export const ORDER_SERVICES = ['gateway', 'catalog', 'inventory', 'orders', 'payments', 'sandbox']

/**
 * Starts a stack for faults: two replicas of each service behind one address, and in front of each store a proxy that can be cut. The stack
 * starts without data, and `close` removes its data.
 */
export async function startTestbed(
  root: string,
  portBase: number,
  say: (line: string) => void,
  options: TestbedOptions = {}
) {
  const {
    names = ORDER_SERVICES,
    folder = join(root, '.data/faults', String(portBase)),
    environment,
    started
  } = options
  const whole = readStack(root, portBase)
  const services = whole.services.filter(({ name }) => names.includes(name))
  const stack: Stack = { ...whole, services, folder }
  rmSync(stack.folder, { recursive: true, force: true })
  mkdirSync(stack.folder, { recursive: true })
  await issueTokens(stack)
  writeFileSync(upstreamsFile(stack), JSON.stringify(upstreams(stack)))

  const ends: (() => unknown)[] = []
  // The process is registered at once, so that `close` also stops a program that is still starting.
  const launch = (program: Program) =>
    startDaemon(program, identity => {
      ends.push(() => endAll([identity]))
      started?.(identity)
    })
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end()
    rmSync(stack.folder, { recursive: true, force: true })
  }

  try {
    const { urls, chosen } = await startStores(stack, { userServers: {}, say, launch })
    for (const line of chosen) say(line)
    const proxies = await proxiesTo(stack, urls)
    for (const proxy of Object.values(proxies)) ends.push(proxy.close)
    const made = await Promise.all(
      stack.services.map(async service => {
        await bundle(stack, service)
        const replicas = await Promise.all(
          Array.from({ length: REPLICAS }, (_, index) =>
            replicaOf({ stack, service, index, proxies, common: environment, started })
          )
        )
        const balancerOf = await balancer(service.ports.api, () =>
          replicas.flatMap(({ port, runs }) => (runs() ? [port] : []))
        )
        ends.push(balancerOf.close, ...replicas.map(({ end }) => end))
        return [service.name, { replicas, balancerOf }] as const
      })
    )
    const running = new Map(made)
    // One service at a time: if sixteen processes started at once on two cores, they would wait too long for their stores.
    for (const { replicas } of running.values()) await Promise.all(replicas.map(replica => replica.start()))
    return {
      stack,
      gateway: localUrl(portBase),
      /** Returns the replicas of a service. */
      replicas: (service: string) => running.get(service)!.replicas,
      balancerOf: (service: string) => running.get(service)!.balancerOf,
      /** Returns the proxy in front of a service's store, or of the `event-log`. */
      proxy: (store: string) => proxies[store]!,
      /** Returns the address of a service's store without the proxy. */
      storeUrl: (service: string) => urls[service]!,
      close
    }
  } catch (error) {
    await close()
    throw error
  }
}

type Proxies = Record<string, Awaited<ReturnType<typeof tcpProxy>>>

async function proxiesTo(stack: Stack, urls: Record<string, string>): Promise<Proxies> {
  const all = { ...urls, 'event-log': `redis://127.0.0.1:${stack.eventLogPort}` }
  const made = Object.entries(all).map(async ([name, url]) => [name, await tcpProxy(url)] as const)
  return Object.fromEntries(await Promise.all(made))
}

async function bundle(stack: Stack, { name }: Service) {
  const outfile = bundleFile(stack, name)
  const options = bundleOptions(stack.root, name, { isForFaults: true })
  await build({ ...options, outfile, sourcemap: false, write: true })
}

/**
 * Returns the environment variables that shift the clock of a process. The program `faketime` is not used as its parent, because a signal
 * would then stop only `faketime`.
 */
async function fakedClock(clock: string): Promise<Record<string, string>> {
  const asked = ['-f', clock, 'printenv', 'LD_PRELOAD']
  const { stdout } = await run('faketime', asked, { timeout: 10_000 })
  return { LD_PRELOAD: stdout.trim(), FAKETIME: clock, FAKETIME_DONT_FAKE_MONOTONIC: '1' }
}

type ReplicaOptions = {
  stack: Stack
  service: Service
  index: number
  proxies: Proxies
  common: Record<string, string> | undefined
  started: Started | undefined
}

/** Creates a replica: one process of a service, which can be started, stopped, paused and started again. */
async function replicaOf({ stack, service, index, proxies, common, started }: ReplicaOptions) {
  // These ports are above those of the stack, and outside the range that the system uses for outgoing connections.
  const first = stack.portBase + REPLICA_PORTS + 2 * (REPLICAS * (service.ports.api - stack.portBase) + index)
  const ports = { ...service.ports, api: first, operations: first + 1 }
  const program = serviceProgram(stack, { ...service, ports }, proxies[service.name]?.url)
  const log = new URL(String(program.environment!.EVENT_LOG_URL))
  log.host = new URL(proxies['event-log']!.url).host
  const usual = {
    ...serviceUrls(readStack(stack.root, stack.portBase).services),
    ...program.environment,
    EVENT_LOG_URL: log.href,
    ...USUAL,
    ...common
  }
  let daemon: Daemon | undefined
  let starting: Promise<Daemon> | undefined
  let isOver = false

  return {
    name: `${service.name} ${index + 1}`,
    port: ports.api,
    operations: ports.operations,
    runs: () => daemon !== undefined,
    pid: () => daemon?.identity.pid,
    /** Starts the process. `clock` is the offset of its clock, in the notation of faketime. */
    async start({ environment = {}, clock }: StartOptions = {}) {
      const fake = clock ? await fakedClock(clock) : {}
      if (isOver) return
      starting = startDaemon({ ...program, environment: { ...usual, ...environment, ...fake } }, started)
      const current = await starting
      daemon = current
      void current.ended.then(() => {
        if (daemon === current) daemon = undefined
      })
    },
    async stop() {
      await daemon?.stop()
    },
    /** Stops the process permanently, so that a fault that is still running cannot start it again. */
    async end() {
      isOver = true
      await starting?.catch(() => undefined)
      await daemon?.stop()
    },
    /** Resolves with true if the process ends by itself within the time. */
    endsWithin: async (milliseconds: number) =>
      daemon === undefined || Promise.race([daemon.ended.then(() => true), delay(milliseconds, false, { ref: false })]),
    /** True if the process is paused by SIGSTOP. */
    async isStopped() {
      if (!daemon) return false
      const asked = ['-o', 'state=', '-p', String(daemon.identity.pid)]
      return run('ps', asked, { timeout: 5_000 }).then(
        ({ stdout }) => stdout.trim().startsWith('T'),
        () => false
      )
    },
    send(name: NodeJS.Signals) {
      if (daemon) signal(daemon.identity, name)
    }
  }
}

/**
 * The environment of all services. Limits are high, because all clients of a storm are in one network and have few accounts. Connections
 * are short, so that a restarted replica gets its share at once.
 */
const USUAL = {
  RATE_LIMIT_CLIENT: '100000',
  RATE_LIMIT_ACCOUNT: '100000',
  HOLDS_PER_NETWORK: '100000',
  HOLDS_NETWORK_PERCENT: '100',
  OPERATION_LIMIT_FACTOR: '100000',
  CONNECTION_SECONDS: '1',
  LOG_LEVEL: 'warn'
}
