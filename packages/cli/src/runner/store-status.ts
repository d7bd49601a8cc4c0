import { EVENT_LOG_ADMIN, eventLogUrl } from '../event-log/event-log.ts'
import { type Identity, isAlive } from '../processes/processes.ts'
import { usesEventLog } from '../services/needs.ts'
import type { Service, Stack } from '../services/stack.ts'
import { askStore } from '../stores/ask-store.ts'
import { readStoreAddresses } from '../stores/store-addresses.ts'

/** A store of the run, with its answer. */
export type StoreStatus = {
  /** The name of its process, or the host of the user's own server. */
  name: string
  health: 'ready' | 'no answer' | 'not running'
  /** Why it is not ready; null if it is, or if its process does not run. */
  problem: string | null
  /** The services that use it. If some of its databases answer, those whose database does not. */
  services: string[]
}

/** A database to ask, the store that it is in, and the services that use it. */
type Database = { store: string; url: string; services: string[]; identity: Identity | undefined }

/**
 * Asks all stores of a run at once whether they can work: the processes that the runner started, and the user's own servers. Takes at most
 * two seconds. `identities` are the processes of stores in the run's record.
 */
export async function askStores(stack: Stack, members: Service[], identities: Identity[]): Promise<StoreStatus[]> {
  const databases = databasesOf(stack, members, identities)
  const problems = await Promise.all(
    databases.map(({ identity, url }) => (identity && !isAlive(identity) ? undefined : askTwice(url)))
  )
  const asked = databases.map((database, place) => ({ ...database, problem: problems[place] }))
  return [...Map.groupBy(asked, ({ store }) => store)].map(([name, parts]) => {
    const failed = parts.filter(({ problem }) => problem !== undefined)
    const isRunning = parts.every(({ identity }) => !identity || isAlive(identity))
    const affected = failed.length > 0 ? failed : parts
    return {
      name,
      health: !isRunning ? 'not running' : failed.length > 0 ? 'no answer' : 'ready',
      problem: failed[0]?.problem ?? null,
      services: affected.flatMap(({ services }) => services)
    }
  })
}

/** Asks a store again if it did not answer in time, because a busy machine may delay this process. */
const askTwice = async (url: string) => (await askStore(url)) && askStore(url)

function databasesOf(stack: Stack, members: Service[], identities: Identity[]): Database[] {
  const identityOf = (name: string) => identities.find(identity => identity.name === name)
  const addresses = readStoreAddresses(stack)
  const own = members.flatMap(({ name, store, ports }): Database[] => {
    if (store === 'none') return []
    const protocol = store === 'redis' ? 'redis' : 'mongodb'
    const url = addresses[name] ?? `${protocol}://127.0.0.1:${ports.store}`
    const identity = identityOf(`${name}-${store === 'redis' ? 'redis' : 'mongod'}`) ?? embeddedOf(store, identities)
    return [{ store: identity?.name ?? `${store} ${new URL(url).host}`, url, services: [name], identity }]
  })
  const identity = identityOf('event-log')
  const services = members.filter(({ name }) => usesEventLog(stack, name)).map(({ name }) => name)
  const log = { store: 'event-log', url: eventLogUrl(stack, EVENT_LOG_ADMIN), services, identity }
  return identity ? [log, ...own] : own
}

/** The process that runs the databases of all services, if the machine has no `mongod`. */
const embeddedOf = (store: Service['store'], identities: Identity[]) =>
  store === 'mongodb' ? identities.find(({ name }) => name === 'embedded-mongo') : undefined
