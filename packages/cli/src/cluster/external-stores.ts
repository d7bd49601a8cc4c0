import { Failure } from '../failure.ts'
import { usesEventLog } from '../services/needs.ts'
import type { Service, Stack } from '../services/stack.ts'
import { type Cluster, kubectlByHand } from './kubectl.ts'
import { EVENT_LOG, eventLogSecret, readSecrets, storeSecret } from './secrets.ts'

/** Examples of a Secret's `url`. */
const EXAMPLE = {
  mongodb: (name: string) => `mongodb://USER:PASSWORD@HOST:27017/${name}`,
  redis: () => 'redis://USER:PASSWORD@HOST:6379'
}
/** The ports of URLs without one. */
const DEFAULT_PORT: Record<string, number> = { redis: 6379, rediss: 6379, mongodb: 27017, 'mongodb+srv': 27017 }

/** Returns the addresses of stores outside the cluster, by service. If Secrets lack one, fails with the commands that create it. */
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
      `--external-stores needs the addresses of stores in the Secrets ${missing.map(({ name }) => name).join(', ')}`,
      `Create them:\n${missing.map(secret => commandFor(cluster, secret)).join('\n')}`
    )
  return new Map(
    needed.map(({ service, secrets: all }) => [service.name, all.map(({ name }) => secrets.get(name)!.url!)])
  )
}

/** Fails if a Secret has the address of an external store, because without --external-stores services would move to empty stores. */
export async function refuseExternalStores(stack: Stack, cluster: Cluster) {
  const secrets = await readSecrets(cluster)
  const outside = stack.services
    .flatMap(service => secretsOf(stack, service))
    .filter(({ name, host }) => hostsIn(secrets.get(name)?.url ?? '').some(other => !isServiceName(host, other)))
  if (outside.length > 0)
    throw new Failure(
      `the Secrets ${outside.map(({ name }) => name).join(', ')} have addresses of stores outside the cluster`,
      'Pass --external-stores (EXTERNAL_STORES=1 for make), or delete these Secrets'
    )
}

/** True if a host is the short or the full name of a Service of the installation. */
const isServiceName = (service: string, host: string) =>
  host === service || (host.startsWith(`${service}.`) && /^[^.]+\.[^.]+\.svc\b/.test(host))

/** The egress rules that let a service reach these URLs. They have only ports, because a NetworkPolicy cannot name hosts. */
export const egressTo = (urls: string[]) => {
  const ports = [...new Set(urls.flatMap(portsOf))]
  return ports.length > 0 ? [{ ports: ports.map(port => ({ port })) }] : []
}

/** The ports of a URL, one for each host. The URL of a replica set has several hosts. */
export function portsOf(url: string): number[] {
  const { scheme, hosts } = parseUrl(url)
  return hosts.map(host => Number(/:(\d+)$/.exec(host)?.[1] ?? DEFAULT_PORT[scheme]))
}

const hostsIn = (url: string) => parseUrl(url).hosts.map(host => host.replace(/:\d+$/, ''))

/** The scheme of a URL and its hosts with their ports. `URL` cannot parse several hosts. */
function parseUrl(url: string) {
  const [, scheme = '', hosts] = /^([a-z+]+):\/\/(?:[^/?@]*@)?([^/?]*)/.exec(url) ?? []
  return { scheme, hosts: scheme && hosts ? hosts.split(',') : [] }
}

type StoreSecret = {
  name: string
  /** The host of the store that `deploy` would install in the cluster. */
  host: string
  example: string
}

/** The Secrets of a service that have the address of a store in `url`. */
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
