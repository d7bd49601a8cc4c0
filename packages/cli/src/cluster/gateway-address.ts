import type { Cluster } from './kubectl.ts'

type Gateway = { status?: { addresses?: { value: string }[] } }
type ProxyService = { spec: { type: string; ports: { port: number; nodePort?: number }[] } }

const HTTPS = 443

/**
 * Where the installation's gateway is reached from this machine: a NodePort of Envoy's on the loopback interface where it has one, else
 * the address that the Gateway tells of; undefined where it has none yet.
 */
export async function gatewayAddress(cluster: Cluster): Promise<string | undefined> {
  const port = await nodePortOf(cluster)
  if (port) return `https://127.0.0.1:${port}`
  const gateway = await cluster.get<Gateway>('gateway', 'bulkhead')
  const address = gateway?.status?.addresses?.[0]?.value
  return address && `https://${address}`
}

/** By the labels that Envoy Gateway gives to what it makes for a Gateway. */
async function nodePortOf(cluster: Cluster): Promise<number | undefined> {
  const owner = 'gateway.envoyproxy.io/owning-gateway'
  const selector = `${owner}-name=bulkhead,${owner}-namespace=${cluster.namespace}`
  const found = await cluster.get<{ items: ProxyService[] }>('services', '--all-namespaces', '--selector', selector)
  return found?.items[0]?.spec.ports.find(({ port }) => port === HTTPS)?.nodePort
}
