import assert from 'node:assert/strict'
import { egressTo, externalStores, portsOf } from '../../src/cluster/external-stores.ts'
import { parsePortBase, readStack } from '../../src/stack.ts'
import { fakeCluster, ROOT } from './fake-cluster.ts'

const stack = readStack(ROOT, parsePortBase(undefined))
const services = stack.services.filter(({ name }) => ['catalog', 'gateway'].includes(name))
const secret = (name: string, url: string) => ({
  metadata: { name },
  data: { url: Buffer.from(url).toString('base64') }
})

describe('stores outside the cluster', () => {
  it('must all be told, each by a command', async () => {
    const objects = { secrets: { items: [secret('gateway-store', 'redis://r.example')] } }
    const by = 'kubectl --kubeconfig /nowhere/kubeconfig --namespace shop create secret generic'
    await assert.rejects(externalStores(stack, fakeCluster({ objects }).cluster, services), {
      message: [
        '--external-stores needs addresses of stores in catalog-store, catalog-event-log. Make the Secrets:',
        `  ${by} catalog-store --from-literal=url='mongodb://USER:PASSWORD@HOST:27017/catalog'`,
        `  ${by} catalog-event-log --from-literal=url='redis://USER:PASSWORD@HOST:6379'`
      ].join('\n')
    })
  })

  it('are known by service', async () => {
    const [gateway, catalog, log] = ['rediss://r.example', 'mongodb://m.example', 'redis://l.example:7000']
    const all = { 'gateway-store': gateway, 'catalog-store': catalog, 'catalog-event-log': log }
    const items = Object.entries(all).map(([name, url]) => secret(name, url))
    const found = await externalStores(stack, fakeCluster({ objects: { secrets: { items } } }).cluster, services)
    assert.deepEqual(found.get('catalog'), [catalog, log])
    assert.deepEqual(found.get('gateway'), [gateway])
    assert.deepEqual(egressTo(found.get('catalog')!), [{ ports: [{ port: 27017 }, { port: 7000 }] }])
    assert.deepEqual(egressTo([]), [])
  })

  for (const [url, ports] of [
    ['mongodb://me:secret@one:27018,two,three:27020/shop?replicaSet=rs0', [27018, 27017, 27020]],
    ['mongodb+srv://me:se%40cret@cluster.example/shop', [27017]],
    ['rediss://:123@[2001:db8::1]:6380', [6380]],
    ['redis://[2001:db8::1]', [6379]],
    ['nonsense', []]
  ] as [string, number[]][])
    it(`has the ports of ${url}`, () => assert.deepEqual(portsOf(url), ports))
})
