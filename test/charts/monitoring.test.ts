import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type Manifest, needHelm, ofKind, ROOT, render, renderWithOperator, SERVICES } from './render.ts'

type Endpoint = { port: string; interval: string; relabelings: { targetLabel: string; replacement?: string }[] }
type MonitorSpec = { selector: { matchLabels: Record<string, string> }; endpoints: [Endpoint] }

const OPERATOR_KINDS = ['ServiceMonitor', 'PrometheusRule']
const operatorObjects = (manifests: Manifest[]) => manifests.filter(({ kind }) => OPERATOR_KINDS.includes(kind))
const monitorOf = (manifests: Manifest[]) => ofKind(manifests, 'ServiceMonitor').spec as unknown as MonitorSpec

describe('charts in a cluster with the Prometheus Operator', () => {
  before(needHelm)

  for (const service of SERVICES) {
    it(`let Prometheus read the metrics of ${service}, with its name as the label service`, async () => {
      const manifests = await renderWithOperator(service)
      const { selector, endpoints } = monitorOf(manifests)
      const target = ofKind(manifests, 'Service') as unknown as { spec: { ports: { name: string }[] } } & Manifest
      const [label, value] = Object.entries(selector.matchLabels)[0]!
      assert.equal(target.metadata.labels[label], value)
      assert.ok(target.spec.ports.some(({ name }) => name === endpoints[0].port))
      const labels = Object.fromEntries(endpoints[0].relabelings.map(({ targetLabel, ...rest }) => [targetLabel, rest]))
      assert.equal(labels.service?.replacement, service)
      assert.ok(labels.namespace)
    })
  }

  it('take the labels and the interval of a ServiceMonitor from the values', async () => {
    const values = ['labels={"release":"prometheus"}', 'interval="15s"'].map(
      value => `monitoring.serviceMonitor.${value}`
    )
    const manifests = await renderWithOperator('cart', ...values)
    assert.equal(ofKind(manifests, 'ServiceMonitor').metadata.labels.release, 'prometheus')
    assert.equal(monitorOf(manifests).endpoints[0].interval, '15s')
  })

  it('have the rules and alerts of k8s/monitoring, with the address of the runbooks from the values', async () => {
    const runbooks = 'https://wiki.shop.example/runbooks'
    const manifests = await renderWithOperator('platform', `monitoring.rules.runbooks="${runbooks}"`)
    const rules = operatorObjects(manifests)
    assert.deepEqual(rules.map(({ metadata }) => metadata.name).sort(), ['bulkhead-alerts', 'bulkhead-objectives'])
    const text = readFileSync(join(ROOT, 'k8s/monitoring/rules/alerts.yaml'), 'utf8')
    const expected = parse(text.replaceAll('https://bulkhead.example/docs/runbooks', runbooks))
    assert.deepEqual(ofKind(rules, 'PrometheusRule', 'bulkhead-alerts').spec, expected)
    assert.ok(JSON.stringify(expected).includes(`${runbooks}/OrdersStuck.md`))
  })

  it('leave these objects out if the values say so', async () => {
    assert.deepEqual(operatorObjects(await renderWithOperator('cart', 'monitoring.serviceMonitor.enabled=false')), [])
    assert.deepEqual(operatorObjects(await renderWithOperator('platform', 'monitoring.rules.enabled=false')), [])
  })
})

describe('charts in a cluster without the Prometheus Operator', () => {
  before(needHelm)

  it('have none of its objects', async () => {
    for (const chart of ['cart', 'platform']) assert.deepEqual(operatorObjects(await render(chart)), [], chart)
  })
})
