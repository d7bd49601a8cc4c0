import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { tcpProxy } from '@bulkhead/testing/tcp-proxy'
import { build } from 'esbuild'
import { bundleOptions } from '../../../packages/cli/src/bundle.ts'
import { bundleFile } from '../../../packages/cli/src/bundles.ts'
import { type Daemon, type Program, startDaemon } from '../../../packages/cli/src/daemon.ts'
import { endAll, signal } from '../../../packages/cli/src/processes.ts'
import { serviceUrls, upstreams, upstreamsFile } from '../../../packages/cli/src/service-environment.ts'
import { serviceProgram } from '../../../packages/cli/src/service-program.ts'
import { localUrl, readStack, type Service, type Stack } from '../../../packages/cli/src/stack.ts'
import { startStores } from '../../../packages/cli/src/stores.ts'
import { issueTokens } from '../../../packages/cli/src/tokens.ts'
import { balancer } from './balancer.ts'

/** A program that goes before a service's, and variables on top of its own. */
export type StartOptions = { environment?: Record<string, string>; clock?: string }

export type Testbed = Awaited<ReturnType<typeof startTestbed>>
export type Replica = Awaited<ReturnType<typeof replicaOf>>

const run = promisify(execFile)

const REPLICAS = 2
/** The ports of replicas are so many after the first of the stack's. */
const REPLICA_PORTS = 300
/** The services that an order meets. Without identity the runner's own keys sign the tokens. */
const ORDER_SERVICES = ['gateway', 'catalog', 'inventory', 'orders', 'payments', 'sandbox']

/**
 * A stack to break: every service twice behind an address of its own, each proxy to a store one that can be cut. It begins with nothing, and
 * its data go when it is closed.
 */
export async function startTestbed(root: string, portBase: number, say: (line: string) => void) {
  const whole = readStack(root, portBase)
  const services = whole.services.filter(({ name }) => ORDER_SERVICES.includes(name))
  const stack: Stack = { ...whole, services, folder: join(root, '.data/faults', String(portBase)) }
  rmSync(stack.folder, { recursive: true, force: true })
  mkdirSync(stack.folder, { recursive: true })
  await issueTokens(stack)
  writeFileSync(upstreamsFile(stack), JSON.stringify(upstreams(stack)))

  const ends: (() => unknown)[] = []
  // Known from its first moment on, as in bench/testbed.ts.
  const launch = (program: Program) => startDaemon(program, identity => void ends.push(() => endAll([identity])))
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end()
    rmSync(stack.folder, { recursive: true, force: true })
  }

  try {
    const { urls, chosen } = await startStores(stack, { userServers: {}, say, launch })
    for (const line of chosen) say(line)
    const proxies = await proxiesTo(stack, urls)
    for (const proxy of Object.values(proxies)) ends.push(proxy.close)
    const started = await Promise.all(
      stack.services.map(async service => {
        await bundle(stack, service)
        const replicas = await Promise.all(
          Array.from({ length: REPLICAS }, (_, index) => replicaOf(stack, service, index, proxies))
        )
        const balancerOf = await balancer(service.ports.api, () =>
          replicas.flatMap(({ port, runs }) => (runs() ? [port] : []))
        )
        ends.push(balancerOf.close, ...replicas.map(({ end }) => end))
        return [service.name, { replicas, balancerOf }] as const
      })
    )
    const running = new Map(started)
    // A service at a time: sixteen processes that start at once on two cores wait longer for their stores than they may.
    for (const { replicas } of running.values()) await Promise.all(replicas.map(replica => replica.start()))
    return {
      stack,
      gateway: localUrl(portBase),
      /** Of a service by its name. */
      replicas: (service: string) => running.get(service)!.replicas,
      balancerOf: (service: string) => running.get(service)!.balancerOf,
      /** To the store of a service, or to the `event-log`. */
      proxy: (store: string) => proxies[store]!,
      /** The store of a service itself, which no fault cuts. */
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

/** The environment in which a process has a clock that is off, without the program `faketime` between: to stop that would leave the process. */
async function fakedClock(clock: string): Promise<Record<string, string>> {
  const asked = ['-f', clock, 'printenv', 'LD_PRELOAD']
  const { stdout } = await run('faketime', asked, { timeout: 10_000 })
  return { LD_PRELOAD: stdout.trim(), FAKETIME: clock, FAKETIME_DONT_FAKE_MONOTONIC: '1' }
}

/** One process of a service, to be started, ended, stopped in its tracks and started again. */
async function replicaOf(stack: Stack, service: Service, index: number, proxies: Proxies) {
  // Behind those of the stack, and no ports that the system gives to connections.
  const first = stack.portBase + REPLICA_PORTS + 2 * (REPLICAS * (service.ports.api - stack.portBase) + index)
  const ports = { ...service.ports, api: first, operations: first + 1 }
  const program = serviceProgram(stack, { ...service, ports }, proxies[service.name]?.url)
  const log = new URL(String(program.environment!.EVENT_LOG_URL))
  log.host = new URL(proxies['event-log']!.url).host
  const usual = {
    ...serviceUrls(readStack(stack.root, stack.portBase).services),
    ...program.environment,
    EVENT_LOG_URL: log.href,
    ...USUAL
  }
  let daemon: Daemon | undefined
  let starting: Promise<Daemon> | undefined
  let isOver = false

  return {
    name: `${service.name} ${index + 1}`,
    port: ports.api,
    operations: ports.operations,
    runs: () => daemon !== undefined,
    /** Starts it. `clock` is how far its clock is off, as faketime takes it. */
    async start({ environment = {}, clock }: StartOptions = {}) {
      const fake = clock ? await fakedClock(clock) : {}
      if (isOver) return
      starting = startDaemon({ ...program, environment: { ...usual, ...environment, ...fake } })
      const started = await starting
      daemon = started
      void started.ended.then(() => {
        if (daemon === started) daemon = undefined
      })
    },
    async stop() {
      await daemon?.stop()
    },
    /** Ends it for good: a fault that goes on when all is cleared must not start it again. */
    async end() {
      isOver = true
      await starting?.catch(() => undefined)
      await daemon?.stop()
    },
    /** Resolves with true when it ends by itself, with false when that takes longer. */
    endsWithin: async (milliseconds: number) =>
      daemon === undefined || Promise.race([daemon.ended.then(() => true), delay(milliseconds, false, { ref: false })]),
    /** Whether it is stopped in its tracks. */
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

/** All clients of a storm are one network and few accounts. Connections are short, so that a replica that starts again gets its part at once. */
const USUAL = {
  RATE_LIMIT_CLIENT: '100000',
  RATE_LIMIT_ACCOUNT: '100000',
  HOLDS_PER_NETWORK: '100000',
  HOLDS_NETWORK_PERCENT: '100',
  OPERATION_LIMIT_FACTOR: '100000',
  CONNECTION_SECONDS: '1',
  LOG_LEVEL: 'warn'
}
