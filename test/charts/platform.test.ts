import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { needHelm, ofKind, podOf, ROOT, render, SERVICES } from './render.ts'

describe('chart platform', () => {
  before(needHelm)

  it('gives the gateway the address of every other service', async () => {
    const { data } = ofKind(await render('platform'), 'ConfigMap', 'upstreams')
    const others = SERVICES.filter(name => name !== 'gateway').sort()
    assert.deepEqual(
      JSON.parse(data!['upstreams.json']!),
      Object.fromEntries(others.map(name => [name, `http://${name}:8080`]))
    )
  })

  it('lets the Job that reads the keys write one ConfigMap, which the chart does not contain', async () => {
    const manifests = await render('platform')
    assert.deepEqual(ofKind(manifests, 'Role').rules, [
      { apiGroups: [''], resources: ['configmaps'], verbs: ['create', 'patch'], resourceNames: ['services-jwks'] }
    ])
    assert.throws(() => ofKind(manifests, 'ConfigMap', 'services-jwks'), /There is no ConfigMap/)
  })

  it('renames the Job if its image changes, because Kubernetes cannot update a Job', async () => {
    const jobs = await Promise.all([[], [], ['keys.image.tag="25"']].map(values => render('platform', ...values)))
    const [one, same, other] = jobs.map(manifests => ofKind(manifests, 'Job').metadata.name)
    assert.equal(one, same)
    assert.notEqual(one, other)
  })

  it('refuses an address for a service that is not in `services`', () =>
    assert.rejects(
      render('platform', 'addresses={"nobody":"http://x"}'),
      /addresses\.nobody names none of the services/
    ))

  it('lets every pod also use the DNS servers in the values', async () => {
    const peer = { ipBlock: { cidr: '169.254.20.10/32' } }
    const { egress } = ofKind(
      await render('platform', `dns=[${JSON.stringify(peer)}]`),
      'NetworkPolicy',
      'default-deny'
    ).spec
    assert.equal(egress!.length, 2)
    assert.deepEqual(egress![1]!.to, [peer])
    assert.deepEqual(egress![1]!.ports, egress![0]!.ports)
  })

  it('schedules its pods by the values, and adds annotations to its Gateway', async () => {
    const values = ['keys.nodeSelector={"disk":"ssd"}', 'gateway.annotations={"a":"b"}']
    const manifests = await render('platform', ...values)
    for (const kind of ['Job', 'CronJob'])
      assert.deepEqual(podOf(ofKind(manifests, kind))!.nodeSelector, { disk: 'ssd' }, kind)
    assert.deepEqual(ofKind(manifests, 'Gateway').metadata.annotations, { a: 'b' })
  })

  it('renders no Gateway, or no redirection, if the values turn it off', async () => {
    const kinds = async (value: string) => (await render('platform', value)).map(({ kind }) => kind)
    assert.ok(!(await kinds('gateway.enabled=false')).some(kind => kind === 'Gateway' || kind === 'HTTPRoute'))
    assert.ok(!(await kinds('gateway.redirect=false')).includes('HTTPRoute'))
  })
})

describe('services-jwks.mjs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-jwks-'))
  const written: { method: string; url: string; authorization: string; body: string }[] = []
  let keys: unknown
  let api: Server
  before(async () => {
    writeFileSync(join(folder, 'token'), 'a-token\n')
    api = createServer(async (request, response) => {
      const { method = '', url = '', headers } = request
      if (url === '/openid/v1/jwks') return response.end(JSON.stringify(keys))
      written.push({ method, url, authorization: headers.authorization ?? '', body: await text(request) })
      response.end('{}')
    }).listen(0, '127.0.0.1')
    await once(api, 'listening')
  })
  after(() => {
    api.close()
    rmSync(folder, { recursive: true })
  })

  const run = () =>
    promisify(execFile)(process.execPath, [join(ROOT, 'charts/platform/files/services-jwks.mjs')], {
      timeout: 60_000,
      env: {
        API_SERVER: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
        NAMESPACE: 'shop',
        NAME: 'services-jwks',
        TOKEN_FILE: join(folder, 'token')
      }
    })

  it('writes the keys into a ConfigMap, with the token of its pod', async () => {
    keys = { keys: [{ kid: 'one' }] }
    await run()
    const [{ method, url, authorization, body }] = written.splice(0) as [(typeof written)[0]]
    assert.equal(method, 'PATCH')
    assert.equal(url, '/api/v1/namespaces/shop/configmaps/services-jwks?fieldManager=services-jwks&force=true')
    assert.equal(authorization, 'Bearer a-token')
    assert.deepEqual(JSON.parse(JSON.parse(body).data['jwks.json']), keys)
  })

  it('fails and does not change the ConfigMap if the API server has no keys', async () => {
    keys = { keys: [] }
    await assert.rejects(run(), /The API server publishes no keys/)
    assert.deepEqual(written, [])
  })
})
