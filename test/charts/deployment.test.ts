import assert from 'node:assert/strict'
import { needHelm, ofKind, podOf, render } from './render.ts'

describe('the Deployment of a service', () => {
  before(needHelm)

  it('replaces replicas one by one, and gives each replica time to drain', async () => {
    const { replicas, minReadySeconds, strategy, template } = ofKind(
      await render('catalog', 'drainSeconds=20'),
      'Deployment'
    ).spec
    assert.deepEqual([replicas, minReadySeconds], [2, 5])
    assert.deepEqual(strategy, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } })
    // 20 s of draining, and less than 60 s for the work, the requests, the stores and the management port (packages/chassis/src/service/process.ts)
    assert.equal(template!.spec.terminationGracePeriodSeconds, 80)
  })

  it('leaves the number of replicas to the autoscaler if autoscaling is on', async () => {
    const manifests = await render('catalog', 'autoscaling={"enabled":true,"minReplicas":3}')
    assert.equal(ofKind(manifests, 'Deployment').spec.replicas, undefined)
    assert.equal((ofKind(manifests, 'HorizontalPodAutoscaler').spec as { minReplicas?: number }).minReplicas, 3)
  })

  it('does not change its pods when only the version of the chart changes', async () => {
    const { metadata, spec } = ofKind(await render('catalog'), 'Deployment')
    const version = metadata.labels['helm.sh/chart']!
    assert.match(version, /^catalog-\d+\.\d+\.\d+$/)
    assert.ok(!JSON.stringify(spec).includes(version))
  })

  it('uses the image digest, variables, files and addresses in the values', async () => {
    const digest = `sha256:${'a'.repeat(64)}`
    const { spec } = ofKind(
      await render(
        'cart',
        `image={"repository":"example.com:5000/cart","tag":"1.2.3@${digest}"}`,
        'env={"CONNECTION_SECONDS":30,"MOST":10000000}',
        'files={"CA_FILE":{"secret":"authority","key":"ca.crt"}}',
        'addresses={"catalog":"https://catalog.example.com"}'
      ),
      'Deployment'
    ).spec.template!
    const { image, env } = spec.containers[0]
    const value = (name: string) => env!.find(variable => variable.name === name)?.value
    assert.equal(image, `example.com:5000/cart:1.2.3@${digest}`)
    assert.equal(value('CONNECTION_SECONDS'), '30')
    assert.equal(value('MOST'), '10000000')
    assert.equal(value('CA_FILE'), '/var/run/bulkhead/files/CA_FILE/ca.crt')
    assert.equal(value('CATALOG_URL'), 'https://catalog.example.com')
    assert.deepEqual(spec.volumes!.find(({ name }) => name === 'files')!.projected!.sources, [
      { secret: { name: 'authority', items: [{ key: 'ca.crt', path: 'CA_FILE/ca.crt' }] } }
    ])
  })

  it('refuses to look inside its pods unless the value `inspection` is set', async () => {
    const inspectionOf = async (...values: string[]) => {
      const { env } = ofKind(await render('catalog', ...values), 'Deployment').spec.template!.spec.containers[0]
      return env!.find(({ name }) => name === 'INSPECTION')?.value
    }
    assert.equal(await inspectionOf(), undefined)
    assert.equal(await inspectionOf('inspection=true'), '1')
  })

  it('schedules its pods and the pod of its test by the values, and has no constraints by default', async () => {
    const scheduling = {
      nodeSelector: { disk: 'ssd' },
      tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'shop', effect: 'NoSchedule' }],
      affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
      priorityClassName: 'shop'
    }
    const values = Object.entries(scheduling).map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    for (const kind of ['Deployment', 'Pod']) {
      const given = podOf(ofKind(await render('orders', ...values), kind))!
      const { nodeSelector, tolerations, affinity, priorityClassName } = given
      assert.deepEqual({ nodeSelector, tolerations, affinity, priorityClassName }, scheduling, kind)
      const byDefault = podOf(ofKind(await render('orders'), kind))!
      for (const name of Object.keys(scheduling)) assert.equal(name in byDefault, false, `${kind} ${name}`)
    }
  })

  it('has a ServiceAccount with the annotations from values', async () => {
    const annotations = { 'example.com/role': 'reader', 'example.com/on': 'true' }
    const manifests = await render('orders', `serviceAccount.annotations=${JSON.stringify(annotations)}`)
    assert.deepEqual(ofKind(manifests, 'ServiceAccount').metadata.annotations, annotations)
    assert.equal(ofKind(await render('orders'), 'ServiceAccount').metadata.annotations, undefined)
  })

  it('accepts quantities and tags that are numbers, and adds the labels of the values to its own', async () => {
    const values = ['resources.limits={"cpu":1,"memory":"1Ti"}', 'image.tag=2', 'podLabels={"use":"true"}']
    const { metadata, spec } = ofKind(await render('cart', ...values), 'Deployment').spec.template!
    assert.equal(spec.containers[0].resources.limits.cpu, 1)
    assert.match(spec.containers[0].image, /:2$/)
    assert.equal(metadata.labels.use, 'true')
    assert.equal(metadata.labels['app.kubernetes.io/name'], 'cart')
  })

  it('can use a Gateway of another namespace, or an Ingress with annotations and without a certificate', async () => {
    const route = ofKind(await render('gateway', 'route={"gatewayNamespace":"infra","sectionName":"web"}'), 'HTTPRoute')
    const parent = { name: 'bulkhead', namespace: 'infra', sectionName: 'web' }
    assert.deepEqual((route.spec as { parentRefs?: object[] }).parentRefs, [parent])
    const annotations = { 'example.com/body': '256m' }
    const ingress = { enabled: true, host: 'shop.example.com', tlsSecret: '', annotations }
    const { metadata, spec } = ofKind(await render('gateway', `ingress=${JSON.stringify(ingress)}`), 'Ingress')
    assert.deepEqual(metadata.annotations, annotations)
    assert.deepEqual((spec as { tls?: object[] }).tls, [{ hosts: ['shop.example.com'] }])
  })

  for (const [value, message] of [
    ['networkPolicy.egress=[{"tos":[],"ports":[{"port":27017}]}]', /additional properties 'tos'/],
    ['networkPolicy.egress=[{"to":[{}]}]', /at '\/networkPolicy\/egress\/0\/to\/0'/],
    ['networkPolicy.callers=[{"podSelektor":{}}]', /additional properties 'podSelektor'/],
    ['secrets.more=["PORT"]', /cart: PORT is set twice/],
    ['files={"LOG_LEVEL":{"secret":"a","key":"k"}}', /cart: LOG_LEVEL is set twice/],
    [
      'addresses={"catalogg":"http://c.example"}',
      /addresses\.catalogg names none of the services that the chart uses: catalog, identity/
    ],
    ['networkPolicy.metrics=[{"podSelector":{"matchLabel":{}}}]', /additional properties 'matchLabel'/],
    ['podLabels={"app.kubernetes.io/name":"x"}', /the chart sets podLabels\.app\.kubernetes\.io\/name itself/],
    ['ingress.host="https://shop.example"', /at '\/ingress\/host'/],
    ['affinity={"nodes":{}}', /at '\/affinity': additional properties 'nodes'/],
    ['tolerations=[{"taint":"x"}]', /at '\/tolerations\/0': additional properties 'taint'/],
    ['nodeSelector={"disk":1}', /at '\/nodeSelector\/disk': got number, want string/],
    ['priorityClassName="No Name"', /at '\/priorityClassName'/],
    ['replicas="two"', /at '\/replicas': got string, want integer/],
    ['env={"lower":"x"}', /invalid propertyName 'lower'/],
    ['env={"REDIS_URL":"redis://x"}', /cart: the chart sets env\.REDIS_URL itself/],
    [
      'autoscaling={"enabled":true,"minReplicas":9}',
      /cart: autoscaling\.minReplicas \(9\) is above autoscaling\.maxReplicas \(6\)/
    ],
    ['files={"A":{"key":"a"}}', /at '\/files\/A'/],
    ['image.tag="no good"', /at '\/image\/tag': 'no good' does not match/]
  ] as const) {
    it(`is refused with ${value}`, () => assert.rejects(render('cart', value), message))
  }
})
