import { type Memory, memoryOf } from './memory.ts'
import { type Identity, isAlive } from './processes.ts'
import { runFile } from './run.ts'
import { readRunRecord } from './run-record.ts'
import { probe } from './service-program.ts'
import { localUrl, type Service, type Stack } from './stack.ts'

type Health = 'ready' | 'not ready' | 'no answer' | 'not running'

type ServiceStatus = {
  service: string
  version: string
  health: Health
  memory: Memory | null
  address: string
  /** Where its metrics and probes are. */
  management: string
  store: string
  state: Service['state']
}

type StoreStatus = { store: string; health: 'running' | 'not running'; memory: Memory | null }

/** `running` is of the runner; `processes` counts the services and stores that run, with it or without. */
export type StackStatus = {
  running: boolean
  processes: number
  stores: StoreStatus[]
  chosen: string[]
  services: ServiceStatus[]
}

/** What runs of a stack, and how it is. */
export async function stackStatus(stack: Stack): Promise<StackStatus> {
  const record = readRunRecord(runFile(stack))
  const processOf = (name: string) => record?.services.find(identity => identity.name === name)
  return {
    running: record !== undefined && isAlive(record.runner),
    processes: [...(record?.services ?? []), ...(record?.stores ?? [])].filter(isAlive).length,
    chosen: record?.chosen ?? [],
    services: await Promise.all(
      stack.services.map(service =>
        serviceStatus(service, processOf(service.name), storeOf(service, record?.stores ?? []))
      )
    ),
    stores: (record?.stores ?? []).map(identity => ({
      store: identity.name,
      health: isAlive(identity) ? 'running' : 'not running',
      memory: memory(identity)
    }))
  }
}

async function serviceStatus(service: Service, identity: Identity | undefined, store: string): Promise<ServiceStatus> {
  const { name, version, state, ports } = service
  return {
    service: name,
    version,
    health: identity && isAlive(identity) ? await healthOf(service) : 'not running',
    memory: identity ? memory(identity) : null,
    address: localUrl(ports.api),
    management: localUrl(ports.operations),
    store,
    state
  }
}

/** The kind of a service's store and its port, where a store of that kind is ours; else it is one of the user's. */
function storeOf({ name, store, ports }: Service, own: Identity[]): string {
  if (store === 'none') return '-'
  const isOwn = own.some(process => (store === 'redis' ? process.name === `${name}-redis` : /mongo/.test(process.name)))
  return isOwn || own.length === 0 ? `${store} :${ports.store}` : `${store} (given)`
}

async function healthOf(service: Service): Promise<Health> {
  const status = await probe(service, 'readyz')
  if (status === undefined) return 'no answer'
  return status === 200 ? 'ready' : 'not ready'
}

const memory = (identity: Identity) => (isAlive(identity) ? (memoryOf(identity.pid) ?? null) : null)
