import assert from 'node:assert/strict'
import { egressTo, externalStores, portsOf } from '../../src/cluster/external-stores.ts'
import { parsePortBase, readStack } from '../../src/services/stack.ts'
import { fakeCluster, ROOT } from './fake-cluster.ts'

const stack = readStack(ROOT, parsePortBase(undefined))
const services = stack.services.filter(({ name }) => ['catalog', 'gateway'].includes(name))
const secret = (name: string, url: string) => ({
  metadata: { name },
  data: { url: Buffer.from(url).toString('base64') }
})

describe('stores outside the cluster', () => {
  it('are refused with a command for each Secret that has no address', async () => {
    const objects = { secrets: { items: [secret('gateway-store', 'redis://r.example')] } }
    const by = 'kubectl --kubeconfig /nowhere/kubeconfig --namespace shop create secret generic'
    await assert.rejects(externalStores(stack, fakeCluster({ objects }).cluster, services), {
      message: [
        '--external-stores needs the addresses of stores in the Secrets catalog-store, catalog-event-log. Create them:',
        `  ${by} catalog-store --from-literal=url='mongodb://USER:PASSWORD@HOST:27017/catalog'`,
        `  ${by} catalog-event-log --from-literal=url='redis://USER:PASSWORD@HOST:6379'`
      ].join('\n')
    })
  })

  it('are returned by service', async () => {
    const [gateway, catalog, log] = ['rediss://r.example', 'mongodb://m.example', 'redis://l.example:7000']
    const all = { 'gateway-store': gateway, 'catalog-store': catalog, 'catalog-event-log': log }
    const items = Object.entries(all).map(([name, url]) => secret(name, url))
    const addresses = await externalStores(stack, fakeCluster({ objects: { secrets: { items } } }).cluster, services)
    assert.deepEqual(addresses.get('catalog'), [catalog, log])
    assert.deepEqual(addresses.get('gateway'), [gateway])
    assert.deepEqual(egressTo(addresses.get('catalog')!), [{ ports: [{ port: 27017 }, { port: 7000 }] }])
    assert.deepEqual(egressTo([]), [])
  })

  for (const { url, ports } of [
    { url: 'mongodb://me:secret@one:27018,two,three:27020/shop?replicaSet=rs0', ports: [27018, 27017, 27020] },
    { url: 'mongodb+srv://me:se%40cret@cluster.example/shop', ports: [27017] },
    { url: 'rediss://:123@[2001:db8::1]:6380', ports: [6380] },
    { url: 'redis://[2001:db8::1]', ports: [6379] },
    { url: 'nonsense', ports: [] }
  ])
    it(`use the right ports of the address ${url}`, () => assert.deepEqual(portsOf(url), ports))
})
