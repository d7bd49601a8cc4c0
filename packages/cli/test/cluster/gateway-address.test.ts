import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { addressOf, forwarding, gatewayAddress, type Places } from '../../src/cluster/gateway-address.ts'
import { untilReached } from '../../src/cluster/shop.ts'
import { Failure } from '../../src/failure.ts'
import { freePort } from '../../src/ports.ts'
import { fakeCluster } from './fake-cluster.ts'

type Service = NonNullable<Places['service']>

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
  for (const [what, places, expected] of [
    [
      'the loopback interface on the cluster of our own',
      { isOwn: true, service: service('NodePort', 30_001) },
      'https://127.0.0.1:30001'
    ],
    ["a node's own address elsewhere", { service: service('NodePort', 30_001) }, 'https://10.0.0.7:30001'],
    [
      "a node's outer address where it has one",
      { service: service('NodePort', 30_001), nodes: [outside] },
      'https://203.0.113.8:30001'
    ],
    [
      "a load balancer's, not its node port",
      { service: service('LoadBalancer', 30_001, { ip: '198.51.100.4' }) },
      'https://198.51.100.4'
    ],
    [
      "a load balancer's name",
      { service: service('LoadBalancer', 30_001, { hostname: 'lb.example' }) },
      'https://lb.example'
    ],
    [
      "a load balancer's at the listener's port",
      {
        service: { ...service('LoadBalancer', 1, { ip: '2001:db8::4' }) },
        gateway: { spec: { listeners: [{ protocol: 'HTTPS', port: 8443 }] } }
      },
      'https://[2001:db8::4]:8443'
    ],
    [
      'a node port while a load balancer has no address',
      { service: service('LoadBalancer', 30_001) },
      'https://10.0.0.7:30001'
    ],
    ['what the Gateway tells where no Service does', { gateway }, 'https://192.0.2.9'],
    ['none where nothing tells', {}, undefined]
  ] as [string, Partial<Places>, string | undefined][])
    it(`is ${what}`, () => assert.equal(addressOf({ isOwn: false, nodes: [inside], ...places }), expected))

  it('is that of a node with a proxy', async () => {
    const items = [inside, outside]
    const pods = { items: [{ spec: { nodeName: 'outside' } }] }
    const { cluster } = fakeCluster({
      objects: { nodes: { items }, pods, services: { items: [service('NodePort', 30_001)] } }
    })
    assert.equal(await gatewayAddress(cluster), 'https://203.0.113.8:30001')
  })

  it('is the one that was given', async () => {
    const { cluster } = fakeCluster({ objects: { gateway } })
    assert.equal(await gatewayAddress({ ...cluster, givenAddress: 'https://localhost:8443' }), 'https://localhost:8443')
  })

  it('comes with the command that forwards a port, where nothing reaches it', async () => {
    const { cluster } = fakeCluster({ objects: { services: { items: [service('NodePort', 30_001)] } } })
    const address = `https://127.0.0.1:${await freePort()}`
    const command =
      'kubectl --kubeconfig /nowhere/kubeconfig --namespace envoy-gateway-system port-forward service/envoy-shop 8443:443'
    await assert.rejects(untilReached(cluster, address, { usual: 0, starting: 0 }), {
      message: `nothing reaches the gateway at ${address}. Leave \`${command}\` running, and say GATEWAY_ADDRESS=https://localhost:8443 before the command`
    })
    assert.match(await forwarding(fakeCluster({}).cluster), /describe gateway bulkhead/)
  })

  /** A cluster whose gateway has a proxy that is not ready, and one that goes. */
  const starting = () => {
    const metadata = { name: 'envoy-1', namespace: 'envoy-gateway-system' }
    const going = { ...metadata, name: 'envoy-0', deletionTimestamp: '2026-11-26T00:00:00Z' }
    const status = { conditions: [{ type: 'Ready', status: 'False' }] }
    const items = [going, metadata].map(metadata => ({ metadata, status }))
    return fakeCluster({ objects: { pods: { items } } }).cluster
  }

  it('is waited for while a proxy starts, longer than otherwise', async () => {
    const port = await freePort()
    const reached = untilReached(starting(), `https://127.0.0.1:${port}`, { usual: 0, starting: 20_000 })
    await delay(300)
    const server = createServer().listen(port, '127.0.0.1')
    await reached.finally(() => server.close())
  })

  it('comes with the proxy that does not start', async () => {
    const address = `https://127.0.0.1:${await freePort()}`
    await assert.rejects(untilReached(starting(), address, { usual: 0, starting: 0 }), {
      message: `nothing reaches the gateway at ${address}: envoy-1 is not ready. See \`kubectl --kubeconfig /nowhere/kubeconfig --namespace envoy-gateway-system describe pod envoy-1\``
    })
  })

  it('is none where the cluster does not know the Gateway API', async () => {
    const { cluster } = fakeCluster({})
    const get = cluster.get
    cluster.get = async (...what) => {
      if (what[0] === 'gateway') throw new Failure(`kubectl get: the server doesn't have a resource type "gateway"`)
      return get(...what)
    }
    assert.equal(await gatewayAddress(cluster), undefined)
  })
})
