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
const pods = {
  items: [{ spec: { terminationGracePeriodSeconds: 65 } }, { spec: { terminationGracePeriodSeconds: 95 } }]
}
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

  it('says that it can be run again where something is not gone in time', async () => {
    const kubectl = (args: string[]) => {
      if (args[0] === 'wait') throw new Failure('kubectl wait: timed out waiting for the condition on namespaces/shop')
      return ''
    }
    const { cluster } = fakeCluster({ objects: { 'namespace shop': OUR_NAMESPACE, pods }, kubectl, helm: releases() })
    await assert.rejects(
      undeploy(stack, cluster),
      /not gone after 125 s\. Run it again: bulkhead undeploy --namespace shop/
    )
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
