import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { addressOf, forwardingAdvice, type GatewayObjects, gatewayAddress } from '../../src/cluster/gateway-address.ts'
import { untilReached } from '../../src/cluster/shop.ts'
import { Failure } from '../../src/failure.ts'
import { freePort } from '../../src/processes/ports.ts'
import { fakeCluster } from './fake-cluster.ts'

type Service = NonNullable<GatewayObjects['service']>

const node = (name: string, ...addresses: [type: string, address: string][]) => ({
  metadata: { name },
  spec: {},
  status: { addresses: addresses.map(([type, address]) => ({ type, address })) }
})
const service = (type: string, nodePort?: number, ip?: { ip?: string; hostname?: string }): Service => ({
  metadata: { name: 'envoy-shop', namespace: 'envoy-gateway-system' },
  spec: { type, ports: [{ port: 80 }, { port: 443, ...(nodePort && { nodePort }) }] },
  status: { loadBalancer: ip ? { ingress: [ip] } : {} }
})
const inside = node('inside', ['Hostname', 'inside'], ['InternalIP', '10.0.0.7'])
const outside = node('outside', ['InternalIP', '10.0.0.8'], ['ExternalIP', '203.0.113.8'])
const gateway = {
  spec: { listeners: [{ protocol: 'HTTPS', port: 443 }] },
  status: { addresses: [{ value: '192.0.2.9' }] }
}

describe('the address of a gateway in a cluster', () => {
  const cases: { title: string; objects: Partial<GatewayObjects>; expected: string | undefined }[] = [
    {
      title: "is the loopback interface on the project's own cluster",
      objects: { isOwn: true, service: service('NodePort', 30_001) },
      expected: 'https://127.0.0.1:30001'
    },
    {
      title: 'is the internal address of a node on other clusters',
      objects: { service: service('NodePort', 30_001) },
      expected: 'https://10.0.0.7:30001'
    },
    {
      title: 'is the external address of a node that has one',
      objects: { service: service('NodePort', 30_001), nodes: [outside] },
      expected: 'https://203.0.113.8:30001'
    },
    {
      title: 'is the IP address of a load balancer, without the node port',
      objects: { service: service('LoadBalancer', 30_001, { ip: '198.51.100.4' }) },
      expected: 'https://198.51.100.4'
    },
    {
      title: 'is the host name of a load balancer',
      objects: { service: service('LoadBalancer', 30_001, { hostname: 'lb.example' }) },
      expected: 'https://lb.example'
    },
    {
      title: "has the port of the Gateway's listener behind a load balancer",
      objects: {
        service: service('LoadBalancer', 1, { ip: '2001:db8::4' }),
        gateway: { spec: { listeners: [{ protocol: 'HTTPS', port: 8443 }] } }
      },
      expected: 'https://[2001:db8::4]:8443'
    },
    {
      title: 'is a node with the node port while the load balancer has no address',
      objects: { service: service('LoadBalancer', 30_001) },
      expected: 'https://10.0.0.7:30001'
    },
    {
      title: "is the address in the Gateway's status if there is no Service",
      objects: { gateway },
      expected: 'https://192.0.2.9'
    },
    { title: 'is undefined without a Gateway and a Service', objects: {}, expected: undefined }
  ]
  for (const { title, objects, expected } of cases)
    it(title, () => assert.equal(addressOf({ isOwn: false, nodes: [inside], ...objects }), expected))

  it('is a node that runs a proxy', async () => {
    const items = [inside, outside]
    const pods = { items: [{ spec: { nodeName: 'outside' } }] }
    const { cluster } = fakeCluster({
      objects: { nodes: { items }, pods, services: { items: [service('NodePort', 30_001)] } }
    })
    assert.equal(await gatewayAddress(cluster), 'https://203.0.113.8:30001')
  })

  it('is GATEWAY_ADDRESS if that is set', async () => {
    const { cluster } = fakeCluster({ objects: { gateway } })
    assert.equal(await gatewayAddress({ ...cluster, givenAddress: 'https://localhost:8443' }), 'https://localhost:8443')
  })

  it('is reported, with a command that forwards a port, if nothing answers there', async () => {
    const { cluster } = fakeCluster({ objects: { services: { items: [service('NodePort', 30_001)] } } })
    const address = `https://127.0.0.1:${await freePort()}`
    const command =
      'kubectl --kubeconfig /nowhere/kubeconfig --namespace envoy-gateway-system port-forward service/envoy-shop 8443:443'
    await assert.rejects(untilReached(cluster, address, { usual: 0, starting: 0 }), {
      message: `cannot connect to the gateway at ${address}. Keep \`${command}\` running, and set GATEWAY_ADDRESS=https://localhost:8443`
    })
    assert.match(await forwardingAdvice(fakeCluster({}).cluster), /describe gateway bulkhead/)
  })

  /** Returns a cluster whose gateway has a proxy that is not ready, and one that is being deleted. */
  const startingCluster = () => {
    const metadata = { name: 'envoy-1', namespace: 'envoy-gateway-system' }
    const deleted = { ...metadata, name: 'envoy-0', deletionTimestamp: '2026-11-26T00:00:00Z' }
    const status = { conditions: [{ type: 'Ready', status: 'False' }] }
    const items = [deleted, metadata].map(metadata => ({ metadata, status }))
    return fakeCluster({ objects: { pods: { items } } }).cluster
  }

  it('may take longer to answer while a proxy starts', async () => {
    const port = await freePort()
    const server = createServer()
    const cluster = startingCluster()
    const { get } = cluster
    cluster.get = async (...what) => {
      if (!server.listening) server.listen(port, '127.0.0.1')
      return get(...what)
    }
    const reached = untilReached(cluster, `https://127.0.0.1:${port}`, { usual: 0, starting: 20_000 })
    await reached.finally(() => server.close())
  })

  it('is reported with the proxy that does not start', async () => {
    const address = `https://127.0.0.1:${await freePort()}`
    await assert.rejects(untilReached(startingCluster(), address, { usual: 0, starting: 0 }), {
      message: `cannot connect to the gateway at ${address}: envoy-1 is not ready. Check \`kubectl --kubeconfig /nowhere/kubeconfig --namespace envoy-gateway-system describe pod envoy-1\``
    })
  })

  it('is undefined on a cluster without the Gateway API', async () => {
    const { cluster } = fakeCluster({})
    const get = cluster.get
    cluster.get = async (...what) => {
      if (what[0] === 'gateway') throw new Failure(`kubectl get: the server doesn't have a resource type "gateway"`)
      return get(...what)
    }
    assert.equal(await gatewayAddress(cluster), undefined)
  })
})
