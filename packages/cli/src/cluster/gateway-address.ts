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

/** The objects that show the address of a Gateway: the Gateway itself, the Service of its proxies, and the nodes of the proxies. */
export type GatewayObjects = {
  isOwn: boolean
  gateway?: Gateway | undefined
  service?: ProxyService | undefined
  nodes: Node[]
}

const HTTPS = 443
/** The port of this machine in the suggested `kubectl port-forward`. */
const LOCAL_PORT = 8443

/** The address of the installation's gateway from this machine. Undefined if no Gateway has an address. */
export async function gatewayAddress(cluster: Cluster): Promise<string | undefined> {
  if (cluster.givenAddress) return cluster.givenAddress
  const gateway = await cluster.get<Gateway>('gateway', 'bulkhead').catch(unknownKind)
  const [service, pods] = await Promise.all([proxyService(cluster), proxies<Pod>(cluster, 'pods')])
  const proxyNodes = new Set(pods.map(({ spec }) => spec.nodeName))
  const nodes = service?.spec.type === 'ClusterIP' ? [] : await nodesOf(cluster)
  // Envoy Gateway sets externalTrafficPolicy to Local, so nodes without a proxy may refuse the port.
  const preferred = nodes.filter(({ metadata }) => proxyNodes.has(metadata.name))
  return addressOf({
    isOwn: isOwnCluster(cluster),
    gateway,
    service,
    nodes: preferred.length > 0 ? preferred : nodes
  })
}

/**
 * Returns the address of a Gateway, the first of these that exists: the loopback interface with the node port (on the project's own
 * cluster), the load balancer, a node with the node port, or the address in the Gateway's status.
 */
export function addressOf({ isOwn, gateway, service, nodes }: GatewayObjects): string | undefined {
  const port = gateway?.spec.listeners.find(({ protocol }) => protocol === 'HTTPS')?.port ?? HTTPS
  const nodePort = service?.spec.ports.find(servicePort => servicePort.port === port)?.nodePort
  if (isOwn && nodePort) return url('127.0.0.1', nodePort)
  const balancer = service?.spec.type === 'LoadBalancer' ? service.status?.loadBalancer?.ingress?.[0] : undefined
  const node = nodes.map(hostOf).find(Boolean)
  const reported = gateway?.status?.addresses?.[0]?.value
  const host = balancer?.ip ?? balancer?.hostname
  if (host) return url(host, port)
  if (node && nodePort) return url(node, nodePort)
  return reported && url(reported, port)
}

/** The advice to forward a port of this machine to a gateway that cannot be reached otherwise. */
export async function forwardingAdvice(cluster: Cluster): Promise<string> {
  const service = await proxyService(cluster)
  if (!service) return `Check \`${kubectlByHand(cluster)} describe gateway bulkhead\``
  const { name, namespace } = service.metadata
  const command = `${kubectlByHand(cluster, namespace)} port-forward service/${name} ${LOCAL_PORT}:${HTTPS}`
  return `Keep \`${command}\` running, and set GATEWAY_ADDRESS=https://localhost:${LOCAL_PORT}`
}

/** Finds a proxy that is not ready yet, with advice on how to check it. Undefined if all proxies are ready, or if none exists. */
export async function startingProxy(cluster: Cluster): Promise<{ name: string; advice: string } | undefined> {
  const current = (await proxies<Pod>(cluster, 'pods')).filter(({ metadata }) => !metadata.deletionTimestamp)
  const { metadata } = current.find(pod => !isReady(pod)) ?? {}
  return (
    metadata && {
      name: metadata.name,
      advice: `Check \`${kubectlByHand(cluster, metadata.namespace)} describe pod ${metadata.name}\``
    }
  )
}

/** Ignores the error of a cluster without the Gateway API, such as one that uses an Ingress. */
function unknownKind(error: unknown): undefined {
  if (!/doesn't have a resource type/.test((error as Error).message)) throw error
}

const hostOf = ({ status }: Node) =>
  ['ExternalIP', 'InternalIP']
    .map(preferred => status.addresses?.find(({ type }) => type === preferred)?.address)
    .find(Boolean)

const url = (host: string, port: number) => new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`).origin

const proxyService = async (cluster: Cluster) => (await proxies<ProxyService>(cluster, 'services'))[0]

/** Reads the objects that Envoy Gateway created for the Gateway. Their labels have the Gateway's name. */
async function proxies<T>(cluster: Cluster, kind: string): Promise<T[]> {
  const owner = 'gateway.envoyproxy.io/owning-gateway'
  const selector = `${owner}-name=bulkhead,${owner}-namespace=${cluster.namespace}`
  return (await cluster.get<{ items: T[] }>(kind, '--all-namespaces', '--selector', selector))?.items ?? []
}
