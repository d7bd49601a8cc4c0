import { observerOf } from '../observe/observer.ts'
import { type Memory, memoryOf } from '../processes/memory.ts'
import { type Identity, isAlive } from '../processes/processes.ts'
import { probe } from '../services/service-program.ts'
import { localUrl, type Service, type Stack } from '../services/stack.ts'
import { processorShares } from './processor-time.ts'
import { runFile } from './run.ts'
import { membersOf, type RunRecord, readRunRecord } from './run-record.ts'
import { askStores, type StoreStatus } from './store-status.ts'

type Health = 'ready' | 'not ready' | 'no answer' | 'not running'

/** `cpu` is the share of a core that a process used during one second. Null if the process does not run or the system does not show it. */
export type Usage = { cpu: number | null; memory: Memory | null }

type ServiceStatus = Usage & {
  service: string
  version: string
  health: Health
  address: string
  /** The address of its metrics and probes. */
  management: string
  store: string
  state: Service['state']
}

type ProcessStatus = Usage & { name: string; health: 'running' | 'not running' }

/** A store with the usage of its process, which is null for the user's own server. */
type UsedStoreStatus = Usage & StoreStatus

export type StackStatus = {
  /** True if the runner runs. */
  running: boolean
  /** The number of running services, stores and tools, even if the runner does not run. */
  processes: number
  services: ServiceStatus[]
  /** Services that are not part of this run. */
  leftOut: string[]
  /** Null if there was no run. */
  runner: ProcessStatus | null
  stores: UsedStoreStatus[]
  /** Programs beside the stack, such as `load`. */
  tools: ProcessStatus[]
  /** Services that still run although their folders were removed. */
  withoutFolder: ProcessStatus[]
  /** The processes of `bulkhead observe`: its runner, which serves the operator's view, Prometheus and Alertmanager. None if it was not started. */
  observer: ProcessStatus[]
  /** The usage of all processes together. Its memory is RSS if the memory of any process is. */
  sum: Usage
  /** For each kind of store, a line that describes the chosen server. */
  chosen: string[]
}

const SAMPLE = 1_000

/** Reads the state of a stack's services and stores, and the CPU and memory of each process. Asks them all at once. Takes one second, or two if a store does not answer. */
export async function stackStatus(stack: Stack): Promise<StackStatus> {
  const record = readRunRecord(runFile(stack))
  const members = membersOf(stack, record)
  const { runner, services = [], stores = [], tools = [] }: Partial<RunRecord> = record ?? {}
  const observer = observerProcesses(stack)
  const identities = [...(runner ? [runner] : []), ...services, ...stores, ...tools, ...observer]
  const shares = processorShares(
    identities.filter(isAlive).map(({ pid }) => pid),
    SAMPLE
  )
  const storeAnswers = record ? askStores(stack, members, stores) : []
  const health = Promise.all(members.map(service => healthOf(service, processOf(services, service))))
  const [healths, storeHealths] = await Promise.all([health, storeAnswers])
  // This comes after all answers: reading the memory of many processes takes so long that answers would count as late.
  const usages = usagesOf(identities, await shares)
  const usage = (identity: Identity | undefined) => usages.find(({ pid }) => pid === identity?.pid)?.usage ?? NO_USAGE
  const withoutFolder = services.filter(({ name }) => !stack.services.some(service => service.name === name))
  const statusOf = (identity: Identity): ProcessStatus => ({
    name: identity.name,
    health: isAlive(identity) ? 'running' : 'not running',
    ...usage(identity)
  })
  return {
    running: runner !== undefined && isAlive(runner),
    processes: [...services, ...stores, ...tools].filter(isAlive).length,
    services: members.map((service, place) => ({
      service: service.name,
      version: service.version,
      health: healths[place]!,
      ...usage(processOf(services, service)),
      address: localUrl(service.ports.api),
      management: localUrl(service.ports.operations),
      store: storeOf(service, stores),
      state: service.state
    })),
    leftOut: stack.services.filter(service => !members.includes(service)).map(({ name }) => name),
    runner: runner ? statusOf(runner) : null,
    stores: storeHealths.map(store => ({ ...store, ...usage(stores.find(({ name }) => name === store.name)) })),
    tools: tools.map(statusOf),
    withoutFolder: withoutFolder.filter(isAlive).map(statusOf),
    observer: observer.map(statusOf),
    sum: sumOf(usages.map(({ usage }) => usage)),
    chosen: record?.chosen ?? []
  }
}

function observerProcesses(stack: Stack): Identity[] {
  const record = readRunRecord(runFile(observerOf(stack)))
  return record ? [{ ...record.runner, name: 'observe' }, ...record.services] : []
}

const processOf = (services: Identity[], { name }: Service) => services.find(identity => identity.name === name)

const NO_USAGE: Usage = { cpu: null, memory: null }

/** Reads the usage of each running process once, so that the displayed sum is exactly the sum of the displayed values. */
const usagesOf = (identities: Identity[], shares: Map<number, number>) =>
  identities.filter(isAlive).map(({ pid }) => ({
    pid,
    usage: { cpu: shares.get(pid) ?? null, memory: memoryOf(pid) ?? null } satisfies Usage
  }))

function sumOf(usages: Usage[]): Usage {
  const shares = usages.flatMap(({ cpu }) => cpu ?? [])
  const memories = usages.flatMap(({ memory }) => memory ?? [])
  const sum = (numbers: number[]) => numbers.reduce((one, other) => one + other, 0)
  const kind = memories.some(memory => memory.kind === 'RSS') ? 'RSS' : 'PSS'
  return {
    cpu: shares.length > 0 ? sum(shares) : null,
    memory: memories.length > 0 ? { bytes: sum(memories.map(({ bytes }) => bytes)), kind } : null
  }
}

/** Describes a service's store: its kind, and its port if the runner started it. Otherwise it is a store of the user. */
function storeOf({ name, store, ports }: Service, own: Identity[]): string {
  if (store === 'none') return '-'
  const isOwn = own.some(process => (store === 'redis' ? process.name === `${name}-redis` : /mongo/.test(process.name)))
  return isOwn || own.length === 0 ? `${store} :${ports.store}` : `${store} (given)`
}

async function healthOf(service: Service, identity: Identity | undefined): Promise<Health> {
  if (!identity || !isAlive(identity)) return 'not running'
  const status = await probe(service, 'readyz')
  if (status === undefined) return 'no answer'
  return status === 200 ? 'ready' : 'not ready'
}
