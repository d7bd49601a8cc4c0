import assert from 'node:assert/strict'
import { type Manifest, needHelm, ofKind, readJson, render, renderAs, SERVICES } from './render.ts'

const policyOf = async (service: string) => ofKind(await render(service), 'NetworkPolicy').spec

type Rules = Manifest['spec']['ingress']

/** Returns the names of the pods in the rules for a port; `*` stands for every service. */
function peersOf(rules: Rules, port: number, side: 'from' | 'to'): string[] {
  const peers = (rules ?? [])
    .filter(rule => rule.ports.some(one => one.port === port))
    .flatMap(rule => rule[side] ?? [])
  const names = peers.map(({ podSelector, namespaceSelector }) => {
    const labels = podSelector?.matchLabels ?? {}
    if (labels['app.kubernetes.io/component'] === 'service') return '*'
    if (labels['app.kubernetes.io/component'] === 'backup') return 'all backups'
    return labels['app.kubernetes.io/name'] ?? JSON.stringify(namespaceSelector)
  })
  return [...new Set(names)].sort()
}

describe('network policies', () => {
  before(needHelm)

  it('let each service call the targets in its contract, and let each target accept the calls', async () => {
    let pairs = 0
    for (const service of SERVICES) {
      const out = peersOf((await policyOf(service)).egress, 8080, 'to')
      for (const target of Object.keys(readJson(`services/${service}/contract.json`).needs)) {
        pairs++
        assert.ok(out.includes(target), `${service} may not call ${target}`)
        const callers = peersOf((await policyOf(target)).ingress, 8080, 'from')
        assert.ok(callers.includes(service) || callers.includes('*'), `${target} does not let ${service} in`)
      }
    }
    assert.ok(pairs > 5)
  })

  it('let every service read the keys of people, and the gateway read every contract', async () => {
    assert.ok(peersOf((await policyOf('identity')).ingress, 8080, 'from').includes('*'))
    assert.deepEqual(peersOf((await policyOf('gateway')).egress, 8080, 'to'), ['*'])
    for (const service of SERVICES.filter(name => name !== 'gateway')) {
      const { ingress, egress } = await policyOf(service)
      assert.ok(peersOf(egress, 8080, 'to').includes('identity'), service)
      const callers = peersOf(ingress, 8080, 'from')
      assert.ok(callers.includes('gateway') || callers.includes('*'), service)
    }
  })

  it("allow no connections that the contracts don't need", async () => {
    const payments = await policyOf('payments')
    assert.deepEqual(peersOf(payments.ingress, 8080, 'from'), ['*', 'payments-test'])
    assert.deepEqual(peersOf(payments.egress, 8080, 'to'), ['identity', 'orders', 'sandbox'])
    assert.deepEqual(peersOf(payments.egress, 27017, 'to'), ['payments-store'])
    assert.deepEqual(peersOf(payments.egress, 6379, 'to'), ['event-log'])
    const sandbox = await policyOf('sandbox')
    assert.deepEqual(peersOf(sandbox.egress, 8080, 'to'), ['identity', 'payments'])
    assert.deepEqual(peersOf(sandbox.egress, 6379, 'to'), ['sandbox-store'])
    assert.deepEqual(peersOf(sandbox.egress, 27017, 'to'), [])
    const gateway = await policyOf('gateway')
    assert.deepEqual(peersOf(gateway.ingress, 8080, 'from'), [
      'gateway-test',
      '{"matchLabels":{"kubernetes.io/metadata.name":"envoy-gateway-system"}}'
    ])
    assert.deepEqual(peersOf(gateway.egress, 6379, 'to'), ['gateway-store'])
  })

  it('let a service send traces to a collector only if it has its address', async () => {
    const endpoint = 'tracing.endpoint="http://otel-collector.monitoring:4318"'
    const withTraces = ofKind(await render('orders', endpoint), 'NetworkPolicy').spec
    const isCollectors = ({ ports }: { ports: { port?: unknown }[] }) => ports.some(({ port }) => port === 4318)
    assert.deepEqual(withTraces.egress!.find(isCollectors)!.to![0]!.podSelector, {
      matchExpressions: [
        { key: 'app.kubernetes.io/name', operator: 'In', values: ['opentelemetry-collector', 'jaeger', 'tempo'] }
      ]
    })
    assert.equal((await policyOf('orders')).egress!.some(isCollectors), false)
    const without = ofKind(await render('orders', endpoint, 'networkPolicy.collectors=[]'), 'NetworkPolicy').spec
    assert.equal(without.egress!.some(isCollectors), false)
  })

  it('let only Prometheus read metrics, or no pod if the values name none', async () => {
    assert.deepEqual(peersOf((await policyOf('catalog')).ingress, 9090, 'from'), ['catalog-test', 'prometheus'])
    const { ingress } = ofKind(await render('catalog', 'networkPolicy.metrics=[]'), 'NetworkPolicy').spec
    assert.deepEqual(peersOf(ingress, 9090, 'from'), ['catalog-test'])
    const closed = ofKind(await render('gateway', 'networkPolicy.callers=[]'), 'NetworkPolicy').spec
    assert.deepEqual(peersOf(closed.ingress, 8080, 'from'), ['gateway-test'])
  })

  it('let the load connect only to the gateway, and let nobody else into the gateway by it', async () => {
    const manifests = await render('load')
    const { ingress, egress } = ofKind(manifests, 'NetworkPolicy', 'load').spec
    assert.equal(ingress, undefined)
    assert.deepEqual(peersOf(egress, 8080, 'to'), ['gateway'])
    assert.equal(egress!.length, 2) // and DNS
    const into = ofKind(manifests, 'NetworkPolicy', 'load-to-gateway').spec
    assert.deepEqual((into as { podSelector?: object }).podSelector, {
      matchLabels: { 'app.kubernetes.io/name': 'gateway' }
    })
    assert.deepEqual(peersOf(into.ingress, 8080, 'from'), ['load', 'load-test'])
  })

  it('let only its owner connect to a store, let services and backups connect to the event log, and isolate stores', async () => {
    const store = ofKind(await renderAs('cart-store', 'store-redis'), 'NetworkPolicy').spec
    assert.deepEqual(peersOf(store.ingress, 6379, 'from'), ['cart', 'cart-store-test'])
    assert.equal(store.egress, undefined)
    const log = ofKind(await renderAs('event-log', 'store-redis', 'use="event-log"'), 'NetworkPolicy').spec
    assert.deepEqual(peersOf(log.ingress, 6379, 'from'), ['*', 'all backups', 'event-log-test'])
  })
})
