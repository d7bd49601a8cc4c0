import { Failure } from '../failure.ts'
import type { Service, Stack } from '../stack.ts'
import { type Cluster, kubectlByHand } from './kubectl.ts'
import { eventLogSecret, readSecrets, storeSecret, usesEventLog } from './secrets.ts'

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
  const missing = needed.flatMap(({ secrets: all }) => all).filter(([name]) => !secrets.get(name)?.url)
  if (missing.length > 0)
    throw new Failure(
      `--external-stores needs addresses of stores in ${missing.map(([name]) => name).join(', ')}`,
      `Make the Secrets:\n${missing.map(([name, url]) => commandFor(cluster, name, url)).join('\n')}`
    )
  return new Map(
    needed.map(({ service, secrets: all }) => [service.name, all.map(([name]) => secrets.get(name)!.url!)])
  )
}

/** What a service's policy must let it reach: the ports alone, for a policy knows no names of hosts. */
export const egressTo = (urls: string[]) => {
  const ports = [...new Set(urls.flatMap(portsOf))]
  return ports.length > 0 ? [{ ports: ports.map(port => ({ port })) }] : []
}

/** The ports of a URL, which names several hosts for a replica set. */
export function portsOf(url: string): number[] {
  const [, scheme, hosts] = /^([a-z+]+):\/\/(?:[^/?@]*@)?([^/?]*)/.exec(url) ?? []
  if (!scheme || !hosts) return []
  return hosts.split(',').map(host => Number(/:(\d+)$/.exec(host)?.[1] ?? USUAL_PORT[scheme]))
}

/** The Secrets of a service whose `url` tells where a store is, each with an example of one. */
function secretsOf(stack: Stack, { name, store }: Service): [secret: string, example: string][] {
  return [
    ...(store === 'none' ? [] : [[storeSecret(name), EXAMPLE[store](name)] as [string, string]]),
    ...(usesEventLog(stack, name) ? [[eventLogSecret(name), EXAMPLE.redis()] as [string, string]] : [])
  ]
}

const commandFor = (cluster: Cluster, name: string, url: string) =>
  `  ${kubectlByHand(cluster)} create secret generic ${name} --from-literal=url='${url}'`
