import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { keepNamespace } from '../../src/cluster/namespace.ts'
import { undeploy } from '../../src/cluster/undeploy.ts'
import { Failure } from '../../src/failure.ts'
import { parsePortBase, readStack } from '../../src/stack.ts'
import { fakeCluster, OUR_NAMESPACE, ROOT } from './fake-cluster.ts'

const stack = readStack(ROOT, parsePortBase(undefined))
const releases = (...charts: string[]) => {
  const listed = charts.map(chart => ({
    name: chart.replace(/-\d.*/, '').replace('store-mongodb', 'catalog-store'),
    chart
  }))
  return (args: string[]) => (args[0] === 'list' ? JSON.stringify(listed) : '')
}
const podNamed = (name: string, terminationGracePeriodSeconds: number) => ({
  metadata: { name },
  spec: { terminationGracePeriodSeconds }
})
const pods = { items: [podNamed('cart-1', 65), podNamed('cart-2', 95)] }
const changes = (lines: string[]) => lines.filter(line => /uninstall |delete/.test(line))

describe('undeploy', () => {
  for (const [what, labels] of [
    ['no labels', undefined],
    ['the label of another', { 'app.kubernetes.io/part-of': 'monitoring' }]
  ] as const)
    it(`leaves a namespace with ${what} alone`, async () => {
      const helm = releases('catalog-0.1.0')
      const { cluster, lines } = fakeCluster({ objects: { 'namespace shop': { metadata: { labels } } }, helm })
      await assert.rejects(
        undeploy(stack, cluster),
        /namespace shop is none of Bulkhead's.*kubectl label namespace shop/
      )
      assert.deepEqual(changes(lines()), [])
    })

  it('leaves a namespace alone that has releases of other charts', async () => {
    const helm = releases('catalog-0.1.0', 'prometheus-27.3.1')
    const { cluster, lines } = fakeCluster({ objects: { 'namespace shop': OUR_NAMESPACE }, helm })
    await assert.rejects(
      undeploy(stack, cluster),
      /has releases of charts .*: prometheus\. .*helm uninstall prometheus/
    )
    assert.deepEqual(changes(lines()), [])
  })

  it('removes services, then what they stand on, and gives pods more than their grace', async () => {
    const helm = releases('platform-0.1.0', 'catalog-0.1.0', 'store-mongodb-0.1.0')
    const { cluster, lines } = fakeCluster({ objects: { 'namespace shop': OUR_NAMESPACE, pods }, helm })
    assert.equal(await undeploy(stack, cluster), true)
    const selector = 'pods --selector app.kubernetes.io/component=service'
    assert.deepEqual(changes(lines()), [
      'helm uninstall catalog --ignore-not-found',
      `kubectl wait --for=delete ${selector} --timeout=125s`,
      'helm uninstall platform --ignore-not-found',
      'helm uninstall catalog-store --ignore-not-found',
      'kubectl delete namespace shop --wait=false --ignore-not-found',
      'kubectl wait --for=delete namespace/shop --timeout=155s'
    ])
  })

  /** A cluster in which waiting for something to be gone has no end. */
  const slowCluster = (slow: string, message?: string) =>
    fakeCluster({
      objects: { 'namespace shop': { ...OUR_NAMESPACE, status: { conditions: [{ status: 'True', message }] } }, pods },
      kubectl(args) {
        if (args[0] === 'wait' && args[2] === slow) throw new Failure('kubectl wait: timed out waiting for it')
        return ''
      },
      helm: releases()
    }).cluster

  it('says what is not gone in time, and that it can be run again', async () => {
    await assert.rejects(
      undeploy(stack, slowCluster('pods')),
      /pods of services are not gone after 125 s: cart-1 cart-2\. Run it again: bulkhead undeploy --namespace shop/
    )
    await assert.rejects(
      undeploy(stack, slowCluster('namespace/shop', 'secrets. has 1 resource instances')),
      /namespace\/shop is not gone after 155 s: secrets\. has 1 resource instances\. Run it again/
    )
    await assert.rejects(undeploy(stack, slowCluster('namespace/shop')), /not gone after 155 s\. Run it again/)
  })

  it('tells of no namespace', async () => assert.equal(await undeploy(stack, fakeCluster({}).cluster), false))
})

describe('the namespace of an installation', () => {
  it('is made with the label by which undeploy knows it', async () => {
    const { cluster, calls } = fakeCluster({})
    await keepNamespace(stack, cluster)
    assert.match(calls[0]!.input!, /^ {2}name: shop$[\s\S]*^ {4}app.kubernetes.io\/part-of: bulkhead$/m)
    assert.match(readFileSync(join(ROOT, 'k8s/namespace.yaml'), 'utf8'), /enforce: restricted/)
  })

  it("is not somebody else's, and nothing is changed there", async () => {
    const { cluster, lines } = fakeCluster({ objects: { 'namespace shop': { metadata: {} } } })
    await assert.rejects(keepNamespace(stack, cluster), /is none of Bulkhead's/)
    assert.deepEqual(lines(), [])
  })

  it('is not one that is going', async () => {
    const going = { ...OUR_NAMESPACE, status: { phase: 'Terminating' } }
    const { cluster } = fakeCluster({ objects: { 'namespace shop': going } })
    await assert.rejects(keepNamespace(stack, cluster), /is being removed/)
  })
})
