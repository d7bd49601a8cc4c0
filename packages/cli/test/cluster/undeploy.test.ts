import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureNamespace } from '../../src/cluster/namespace.ts'
import { undeploy } from '../../src/cluster/undeploy.ts'
import { Failure } from '../../src/failure.ts'
import { parsePortBase, readStack } from '../../src/services/stack.ts'
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
  for (const { title, labels } of [
    { title: 'without labels', labels: undefined },
    { title: 'with the label of another owner', labels: { 'app.kubernetes.io/part-of': 'monitoring' } }
  ])
    it(`changes nothing in a namespace ${title}`, async () => {
      const helm = releases('catalog-0.1.0')
      const { cluster, lines } = fakeCluster({ objects: { 'namespace shop': { metadata: { labels } } }, helm })
      await assert.rejects(
        undeploy(stack, cluster),
        /namespace shop does not belong to Bulkhead.*kubectl label namespace shop/
      )
      assert.deepEqual(changes(lines()), [])
    })

  it('changes nothing in a namespace with releases of other charts', async () => {
    const helm = releases('catalog-0.1.0', 'prometheus-27.3.1')
    const { cluster, lines } = fakeCluster({ objects: { 'namespace shop': OUR_NAMESPACE }, helm })
    await assert.rejects(
      undeploy(stack, cluster),
      /has releases of charts .*: prometheus\. .*helm uninstall prometheus/
    )
    assert.deepEqual(changes(lines()), [])
  })

  it('removes services before their stores, and waits for longer than the grace period of pods', async () => {
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

  /** Returns a cluster in which waiting for the deletion of `slow` times out. */
  const slowCluster = (slow: string, message?: string) =>
    fakeCluster({
      objects: { 'namespace shop': { ...OUR_NAMESPACE, status: { conditions: [{ status: 'True', message }] } }, pods },
      kubectl(args) {
        if (args[0] === 'wait' && args[2] === slow) throw new Failure('kubectl wait: timed out waiting for it')
        return ''
      },
      helm: releases()
    }).cluster

  it('fails with the pods or the namespace that still exist, and suggests to run it again', async () => {
    await assert.rejects(
      undeploy(stack, slowCluster('pods')),
      /the pods of services are not gone after 125 s: cart-1 cart-2\. Run it again to finish: bulkhead undeploy --namespace shop/
    )
    await assert.rejects(
      undeploy(stack, slowCluster('namespace/shop', 'secrets. has 1 resource instances')),
      /namespace\/shop is not gone after 155 s: secrets\. has 1 resource instances\. Run it again/
    )
    await assert.rejects(undeploy(stack, slowCluster('namespace/shop')), /not gone after 155 s\. Run it again/)
  })

  it('resolves with false without a namespace', async () =>
    assert.equal(await undeploy(stack, fakeCluster({}).cluster), false))
})

describe('the namespace of an installation', () => {
  it('is created with the label that undeploy looks for', async () => {
    const { cluster, calls } = fakeCluster({})
    await ensureNamespace(stack, cluster)
    assert.match(calls[0]!.input!, /^ {2}name: shop$[\s\S]*^ {4}app.kubernetes.io\/part-of: bulkhead$/m)
    assert.match(readFileSync(join(ROOT, 'k8s/namespace.yaml'), 'utf8'), /enforce: restricted/)
  })

  it('is refused without the label, and not changed', async () => {
    const { cluster, lines } = fakeCluster({ objects: { 'namespace shop': { metadata: {} } } })
    await assert.rejects(ensureNamespace(stack, cluster), /does not belong to Bulkhead/)
    assert.deepEqual(lines(), [])
  })

  it('is refused while it is being deleted', async () => {
    const terminating = { ...OUR_NAMESPACE, status: { phase: 'Terminating' } }
    const { cluster } = fakeCluster({ objects: { 'namespace shop': terminating } })
    await assert.rejects(ensureNamespace(stack, cluster), /is being deleted/)
  })
})
