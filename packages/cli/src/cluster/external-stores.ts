import { Failure } from '../failure.ts'
import type { Service, Stack } from '../stack.ts'
import { type Cluster, kubectlByHand } from './kubectl.ts'
import { EVENT_LOG, eventLogSecret, readSecrets, storeSecret, usesEventLog } from './secrets.ts'

/** What a Secret's `url` may look like. */
const EXAMPLE = {
  mongodb: (name: string) => `mongodb://USER:PASSWORD@HOST:27017/${name}`,
  redis: () => 'redis://USER:PASSWORD@HOST:6379'
}
/** Where a URL tells no port. */
const USUAL_PORT: Record<string, number> = { redis: 6379, rediss: 6379, mongodb: 27017, 'mongodb+srv': 27017 }

/** The addresses of stores outside the cluster by service. Fails with every Secret that lacks one, and how it is made. */
export async function externalStores(
  stack: Stack,
  cluster: Cluster,
  services: Service[]
): Promise<Map<string, string[]>> {
  const secrets = await readSecrets(cluster)
  const needed = services.map(service => ({ service, secrets: secretsOf(stack, service) }))
  const missing = needed.flatMap(({ secrets: all }) => all).filter(({ name }) => !secrets.get(name)?.url)
  if (missing.length > 0)
    throw new Failure(
      `--external-stores needs addresses of stores in ${missing.map(({ name }) => name).join(', ')}`,
      `Make the Secrets:\n${missing.map(secret => commandFor(cluster, secret)).join('\n')}`
    )
  return new Map(
    needed.map(({ service, secrets: all }) => [service.name, all.map(({ name }) => secrets.get(name)!.url!)])
  )
}

/**
 * Fails where a Secret names a store that is somewhere else, for who has not said that they are: services would go over to empty stores in
 * the cluster.
 */
export async function refuseExternalStores(stack: Stack, cluster: Cluster) {
  const secrets = await readSecrets(cluster)
  const outside = stack.services
    .flatMap(service => secretsOf(stack, service))
    .filter(({ name, host }) => hostsIn(secrets.get(name)?.url ?? '').some(other => !isNameOf(host, other)))
  if (outside.length > 0)
    throw new Failure(
      `stores are outside the installation by ${outside.map(({ name }) => name).join(', ')}`,
      'Say --external-stores (EXTERNAL_STORES=1 for make), or delete these Secrets'
    )
}

/** Whether a host is a Service of the installation, by its short or its longer name. */
const isNameOf = (service: string, host: string) =>
  host === service || (host.startsWith(`${service}.`) && /^[^.]+\.[^.]+\.svc\b/.test(host))

/** What a service's policy must let it reach: the ports alone, for a policy knows no names of hosts. */
export const egressTo = (urls: string[]) => {
  const ports = [...new Set(urls.flatMap(portsOf))]
  return ports.length > 0 ? [{ ports: ports.map(port => ({ port })) }] : []
}

/** The ports of a URL, which names several hosts for a replica set. */
export function portsOf(url: string): number[] {
  const { scheme, places } = partsOf(url)
  return places.map(place => Number(/:(\d+)$/.exec(place)?.[1] ?? USUAL_PORT[scheme]))
}

const hostsIn = (url: string) => partsOf(url).places.map(place => place.replace(/:\d+$/, ''))

/** The scheme of a URL, and its hosts with their ports. */
function partsOf(url: string) {
  const [, scheme = '', places] = /^([a-z+]+):\/\/(?:[^/?@]*@)?([^/?]*)/.exec(url) ?? []
  return { scheme, places: scheme && places ? places.split(',') : [] }
}

type StoreSecret = {
  name: string
  /** Where the store is that the installation itself would have. */
  host: string
  example: string
}

/** The Secrets of a service whose `url` tells where a store is. */
function secretsOf(stack: Stack, { name, store }: Service): StoreSecret[] {
  const own = storeSecret(name)
  const log = { name: eventLogSecret(name), host: EVENT_LOG, example: EXAMPLE.redis() }
  return [
    ...(store === 'none' ? [] : [{ name: own, host: own, example: EXAMPLE[store](name) }]),
    ...(usesEventLog(stack, name) ? [log] : [])
  ]
}

const commandFor = (cluster: Cluster, { name, example }: StoreSecret) =>
  `  ${kubectlByHand(cluster)} create secret generic ${name} --from-literal=url='${example}'`
