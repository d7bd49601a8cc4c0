import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@bulkhead/testing/redis-server'
import { until } from '@bulkhead/testing/until'
import { ask, freePort } from '../../packages/cli/src/processes/ports.ts'
import { needHelm, ofKind, podOf, ROOT, render, renderAs } from './render.ts'

const setOf = async (release: string, chart: string, ...values: string[]) =>
  ofKind(await renderAs(release, chart, ...values), 'StatefulSet').spec

describe('charts of stores', () => {
  before(needHelm)

  it('keep data in a volume, or only as long as the pod if persistence is off', async () => {
    for (const [chart, path] of [
      ['store-mongodb', '/data/db'],
      ['store-redis', '/data']
    ] as const) {
      const kept = await setOf('a-store', chart)
      assert.equal(kept.volumeClaimTemplates?.length, 1)
      assert.ok(
        kept.template!.spec.containers[0].volumeMounts!.some(one => one.name === 'data' && one.mountPath === path)
      )
      const lost = await setOf('a-store', chart, 'persistence.enabled=false')
      assert.equal(lost.volumeClaimTemplates, undefined)
      assert.ok(lost.template!.spec.volumes!.some(({ name }) => name === 'data'))
    }
  })

  it('write each change of records and of the event log to disk at once, but never write a cache to disk', async () => {
    const startOf = async (release: string, use: string) =>
      (await setOf(release, 'store-redis', `use="${use}"`)).template!.spec.containers[0].args![0]!
    for (const start of [await startOf('cart-store', 'records'), await startOf('event-log', 'event-log')]) {
      assert.match(start, /--maxmemory-policy noeviction --appendonly yes --appendfsync always/)
    }
    assert.match(await startOf('gateway-store', 'cache'), /--maxmemory-policy allkeys-lru --appendonly no/)
    assert.equal((await setOf('gateway-store', 'store-redis', 'use="cache"')).volumeClaimTemplates, undefined)
  })

  for (const [release, use] of [
    ['cart-store', 'records'],
    ['event-log', 'event-log']
  ] as const)
    it(`keep a transaction after a kill with \`use: ${use}\``, () => keepsTransactions(release, use))

  async function keepsTransactions(release: string, use: string) {
    const { args } = (await setOf(release, 'store-redis', `use="${use}"`)).template!.spec.containers[0]
    const [folder, port] = [mkdtempSync(join(tmpdir(), 'bulkhead-store-')), await freePort()]
    const script = args![0]!.replace(/\/(data|tmp)\b/g, folder).replaceAll('/etc/bulkhead/', `${folder}/secret-`)
    // The user list as in the Secret of an earlier release.
    writeFileSync(join(folder, 'secret-users.acl'), 'user default off\nuser cart on >secret ~* &* +@all\n')
    const env = { ...process.env, STORE_USERNAME: 'cart', REDISCLI_AUTH: 'secret' }
    const start = () =>
      spawn('sh', ['-ec', `${script.trimEnd()} --port ${port} --bind 127.0.0.1`], { env, stdio: 'ignore' })
    const kill = async (server: ChildProcess) => {
      if (server.kill('SIGKILL')) await once(server, 'exit')
    }
    let server = start()
    const redis = connect(`redis://cart:secret@127.0.0.1:${port}`)
    try {
      await until(() => redis.ping().catch(() => false))
      await redis.multi().set('one', '1').set('two', '2').exec()
      await kill(server)
      server = start()
      await until(() => redis.ping().catch(() => false))
      assert.deepEqual(await redis.mget('one', 'two'), ['1', '2'])
      assert.match((await ask(port, 'GET one\r\n'))!, /^-NOAUTH/)
      assert.match((await ask(port, 'AUTH default x\r\n'))!, /^-WRONGPASS/)
    } finally {
      redis.disconnect()
      await kill(server)
      rmSync(folder, { recursive: true })
    }
  }

  it('read credentials from the Secret of the release, or from the Secret in the values', async () => {
    const secretsOf = async (...values: string[]) => {
      const { env = [] } = (await setOf('catalog-store', 'store-mongodb', ...values)).template!.spec.containers[0]
      return env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? [])
    }
    const keysOf = (name: string) => [
      { name, key: 'username' },
      { name, key: 'password' },
      { name, key: 'url', optional: true }
    ]
    assert.deepEqual(await secretsOf(), keysOf('catalog-store'))
    assert.deepEqual(await secretsOf('authentication.existingSecret="other"'), keysOf('other'))
    assert.deepEqual(await secretsOf('authentication.enabled=false'), [])
  })

  it("contain for MongoDB the script that creates the service's user when the data is new", async () => {
    const manifests = await renderAs('catalog-store', 'store-mongodb')
    const { volumes, containers } = ofKind(manifests, 'StatefulSet').spec.template!.spec
    const { name } = containers[0].volumeMounts!.find(one => one.mountPath === '/docker-entrypoint-initdb.d')!
    assert.deepEqual(
      volumes!.find(one => one.name === name),
      { name, configMap: { name: 'catalog-store-users' } }
    )
    const script = readFileSync(join(ROOT, 'charts/store-mongodb/files/service-user.js'), 'utf8')
    assert.deepEqual(ofKind(manifests, 'ConfigMap', 'catalog-store-users').data, { 'service-user.js': script })
    const standIn = await renderAs('catalog-store', 'store-mongodb', 'authentication.enabled=false')
    assert.ok(!standIn.some(({ kind }) => kind === 'ConfigMap'))
  })

  for (const [release, chart, port, credentials] of [
    ['cart-store', 'store-redis', 9121, ['REDIS_USER', 'REDIS_PASSWORD']],
    ['catalog-store', 'store-mongodb', 9216, ['MONGODB_USER', 'MONGODB_PASSWORD']]
  ] as const)
    it(`have with \`exporter.enabled\` a sidecar of ${chart} with the credentials of the store's Secret`, async () => {
      const manifests = await renderAs(release, chart, 'exporter.enabled=true')
      const [, exporter] = ofKind(manifests, 'StatefulSet').spec.template!.spec.containers
      assert.match(exporter!.image, /_exporter:v?\d+\.\d+\.\d+$/)
      const secrets = exporter!.env!.flatMap(({ name, valueFrom }) =>
        valueFrom ? [{ variable: name, ...valueFrom.secretKeyRef }] : []
      )
      assert.deepEqual(secrets, [
        { variable: credentials[0], name: release, key: 'username' },
        { variable: credentials[1], name: release, key: 'password' }
      ])
      const { ports } = ofKind(manifests, 'Service').spec
      assert.deepEqual(ports?.at(-1), { name: 'metrics', port, targetPort: 'metrics' })
    })

  it('let only Prometheus read the metrics of an exporter, and open no port without one', async () => {
    const rules = async (...values: string[]) =>
      ofKind(await renderAs('cart-store', 'store-redis', ...values), 'NetworkPolicy').spec.ingress!
    const [, metrics] = await rules('exporter.enabled=true', 'exporter.port=9000')
    assert.deepEqual(metrics!.ports, [{ port: 9000 }])
    assert.deepEqual(metrics!.from![0]!.podSelector, { matchLabels: { 'app.kubernetes.io/name': 'prometheus' } })
    assert.equal((await rules('exporter.enabled=true', 'networkPolicy.metrics=[]')).length, 1)
    assert.equal((await rules()).length, 1)
    const { containers } = ofKind(await renderAs('cart-store', 'store-redis'), 'StatefulSet').spec.template!.spec
    assert.equal(containers.length, 1)
  })

  it("give MongoDB's exporter no credentials if MongoDB has no users", async () => {
    const values = ['exporter.enabled=true', 'authentication.enabled=false']
    const [, exporter] = (await setOf('catalog-store', 'store-mongodb', ...values)).template!.spec.containers
    assert.deepEqual(exporter!.env, [{ name: 'MONGODB_URI', value: 'mongodb://localhost:27017/admin' }])
  })

  it("are refused if the memory limit is too small for Redis's data", async () => {
    await assert.rejects(
      render('store-redis', 'maxMemory="241mb"'),
      /maxMemory \(241mb\) is more than three quarters of .*320Mi/
    )
    await render('store-redis', 'maxMemory="240mb"')
    await render('store-redis', 'maxMemory="1gb"', 'resources.limits.memory="1.5Gi"')
    await render('store-redis', 'resources.limits.memory=1073741824')
  })

  it('schedule their pods by the values', async () => {
    for (const store of ['store-mongodb', 'store-redis']) {
      const manifests = await render(store, 'tolerations=[{"operator":"Exists"}]')
      for (const kind of ['StatefulSet', 'Pod'])
        assert.deepEqual(podOf(ofKind(manifests, kind))!.tolerations, [{ operator: 'Exists' }], `${store} ${kind}`)
    }
  })

  it("are refused if the release's name does not contain the service that owns the store", async () => {
    await assert.rejects(renderAs('redis', 'store-redis'), /the release is named redis\. Install it as <service>-store/)
    await assert.rejects(renderAs('event-log', 'store-redis'), /or as event-log with use=event-log/)
    await assert.rejects(renderAs('cart-store', 'store-redis', 'use="event-log"'), /Install it as event-log/)
  })
})
