import { isIPv6 } from 'node:net'
import { type Cluster, isOwnCluster, isReady, kubectlByHand, type Node, nodesOf } from './kubectl.ts'

type Gateway = {
  spec: { listeners: { protocol: string; port: number }[] }
  status?: { addresses?: { value: string }[] }
}
type ProxyService = {
  metadata: { name: string; namespace: string }
  spec: { type: string; ports: { port: number; nodePort?: number }[] }
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } }
}
type Pod = {
  metadata: { name: string; namespace: string; deletionTimestamp?: string }
  spec: { nodeName?: string }
  status?: { conditions?: { type: string; status: string }[] }
}

/** What tells where a Gateway is: itself, the Service of its proxies, and the nodes that these run on. */
export type Places = {
  isOwn: boolean
  gateway?: Gateway | undefined
  service?: ProxyService | undefined
  nodes: Node[]
}

const HTTPS = 443
/** Of a forwarded port. */
const LOCAL_PORT = 8443

/** Where the installation's gateway is reached from this machine; undefined where there is no Gateway with an address. */
export async function gatewayAddress(cluster: Cluster): Promise<string | undefined> {
  if (cluster.givenAddress) return cluster.givenAddress
  const gateway = await cluster.get<Gateway>('gateway', 'bulkhead').catch(unknownKind)
  const [service, pods] = await Promise.all([proxyService(cluster), proxies<Pod>(cluster, 'pods')])
  const names = new Set(pods.map(({ spec }) => spec.nodeName))
  const nodes = service?.spec.type === 'ClusterIP' ? [] : await nodesOf(cluster)
  // A node without a proxy may refuse its port: externalTrafficPolicy is Local with Envoy Gateway.
  const near = nodes.filter(({ metadata }) => names.has(metadata.name))
  return addressOf({ isOwn: isOwnCluster(cluster), gateway, service, nodes: near.length > 0 ? near : nodes })
}

/**
 * The address by the kind of Service: the loopback interface on the cluster of our own, where node ports answer; the load balancer's; a
 * node's with its port; else what the Gateway tells of itself.
 */
export function addressOf({ isOwn, gateway, service, nodes }: Places): string | undefined {
  const port = gateway?.spec.listeners.find(({ protocol }) => protocol === 'HTTPS')?.port ?? HTTPS
  const nodePort = service?.spec.ports.find(one => one.port === port)?.nodePort
  if (isOwn && nodePort) return url('127.0.0.1', nodePort)
  const balancer = service?.spec.type === 'LoadBalancer' ? service.status?.loadBalancer?.ingress?.[0] : undefined
  const node = nodes.map(hostOf).find(Boolean)
  const told = gateway?.status?.addresses?.[0]?.value
  const host = balancer?.ip ?? balancer?.hostname
  if (host) return url(host, port)
  if (node && nodePort) return url(node, nodePort)
  return told && url(told, port)
}

/** What reaches a gateway that nothing else does: a port of this machine, forwarded, and how the commands are told of it. */
export async function forwarding(cluster: Cluster): Promise<string> {
  const service = await proxyService(cluster)
  if (!service) return `See \`${kubectlByHand(cluster)} describe gateway bulkhead\``
  const { name, namespace } = service.metadata
  const command = `${kubectlByHand(cluster, namespace)} port-forward service/${name} ${LOCAL_PORT}:${HTTPS}`
  return `Leave \`${command}\` running, and say GATEWAY_ADDRESS=https://localhost:${LOCAL_PORT} before the command`
}

/** A proxy that starts yet, as while its image is pulled, and how to look at it; undefined where all run, and where none is known. */
export async function startingProxy(cluster: Cluster): Promise<{ name: string; look: string } | undefined> {
  const staying = (await proxies<Pod>(cluster, 'pods')).filter(({ metadata }) => !metadata.deletionTimestamp)
  const { metadata } = staying.find(pod => !isReady(pod)) ?? {}
  return (
    metadata && {
      name: metadata.name,
      look: `See \`${kubectlByHand(cluster, metadata.namespace)} describe pod ${metadata.name}\``
    }
  )
}

/** A cluster with an Ingress need not know the Gateway API. */
function unknownKind(error: unknown): undefined {
  if (!/doesn't have a resource type/.test((error as Error).message)) throw error
}

const hostOf = ({ status }: Node) =>
  ['ExternalIP', 'InternalIP']
    .map(wanted => status.addresses?.find(({ type }) => type === wanted)?.address)
    .find(Boolean)

const url = (host: string, port: number) => new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`).origin

const proxyService = async (cluster: Cluster) => (await proxies<ProxyService>(cluster, 'services'))[0]

/** By the labels that Envoy Gateway gives to what it makes for a Gateway. */
async function proxies<T>(cluster: Cluster, kind: string): Promise<T[]> {
  const owner = 'gateway.envoyproxy.io/owning-gateway'
  const selector = `${owner}-name=bulkhead,${owner}-namespace=${cluster.namespace}`
  return (await cluster.get<{ items: T[] }>(kind, '--all-namespaces', '--selector', selector))?.items ?? []
}
