import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { httpServer } from '@bulkhead/testing/http-server'
import { KEY_PANELS } from '../../src/view/key-panels.ts'
import { openView, type View } from '../../src/view/server/view-server.ts'
import type { ViewAnswer } from '../../src/view/view-data.ts'

const target = (service: string, health: string, namespace = 'local') => {
  return { labels: { namespace, service }, health, lastError: health === 'down' ? 'connection refused' : '' }
}
const TARGETS = [
  target('catalog', 'down'),
  target('catalog', 'up'),
  target('cart', 'down'),
  target('orders', 'unknown'),
  target('stranger', 'up', 'other')
]

const CATALOG_SLOW = { alertname: 'CatalogSlow', severity: 'page', service: 'catalog' }
type Cause = { silencedBy?: string[]; inhibitedBy?: string[] }

/** The answer of an Alertmanager that mutes the alert of the catalog. */
const mutedBy = (cause: Cause) => [
  {
    labels: CATALOG_SLOW,
    fingerprint: 'f1',
    status: { state: 'suppressed', silencedBy: [], inhibitedBy: [], ...cause }
  },
  {
    labels: { alertname: 'StoreDown', service: 'catalog' },
    fingerprint: 'f2',
    status: { state: 'active', silencedBy: [], inhibitedBy: [] }
  }
]

/** Answers like a Prometheus that scrapes services, and in which one alert fires. */
function prometheusAnswer(url: URL, muted: unknown[]): unknown {
  if (url.pathname === '/api/v1/alerts') {
    const annotations = { summary: 'catalog is slow' }
    return {
      data: { alerts: [{ labels: CATALOG_SLOW, annotations, state: 'firing', activeAt: '2026-01-02T03:04:05Z' }] }
    }
  }
  if (url.pathname === '/api/v1/rules') return { data: { groups: [{ rules: [{}, {}] }] } }
  if (url.pathname === '/api/v1/targets') return { data: { activeTargets: TARGETS } }
  if (url.pathname === '/api/v2/alerts') return muted
  if (url.pathname === '/api/v2/silences') return [{ id: 's1', createdBy: 'ann', comment: 'repair' }]
  return { data: { result: storesFor(url.searchParams.get('query') ?? '') } }
}

/** Cart is down, so Prometheus only remembers its store. It also remembers a store of old that catalog had, and a removed service. */
function storesFor(query: string): unknown[] {
  const sample = (service: string, store = 'redis') => ({ metric: { service, store }, value: [0, '0'] })
  if (query.includes('last_over_time(bulkhead_store_up'))
    return [sample('cart'), sample('catalog'), sample('catalog', 'mongodb'), sample('removed')]
  return query.includes('bulkhead_store_up') ? [sample('catalog')] : []
}

describe("the server of the operator's view", () => {
  let queries: string[] = []
  let muted: unknown[] = []
  let prometheus: { url: string; stop: () => Promise<void> }
  let view: View
  let runbooks: string
  const said: string[] = []

  const startPrometheus = () =>
    httpServer((incoming, answer) => {
      const url = new URL(incoming.url!, 'http://prometheus')
      queries.push(url.searchParams.get('query') ?? '')
      answer.end(JSON.stringify(prometheusAnswer(url, muted)))
    })

  beforeEach(async () => {
    queries = []
    muted = []
    said.length = 0
    runbooks = mkdtempSync(join(tmpdir(), 'bulkhead-runbooks-'))
    writeFileSync(join(runbooks, 'CatalogSlow.md'), '# Catalog is slow\n\nRun `make status`.\n')
    prometheus = await startPrometheus()
    const { url } = prometheus
    const common = {
      namespace: 'local',
      streams: [],
      runbooks,
      isStackRunning: () => true,
      say: (line: string) => said.push(line)
    }
    view = await openView({ ...common, port: 0, prometheus: url, alertmanager: url })
  })

  afterEach(async () => {
    await view.close()
    await prometheus.stop()
    rmSync(runbooks, { recursive: true })
  })

  const get = (path: string, options: RequestInit = {}) => fetch(view.url + path, options)
  const dataOf = async (path: string) => (await (await get(path)).json()) as ViewAnswer

  it('answers with services, alerts and a result for each panel', async () => {
    const { data, problem } = await dataOf('/api/view?range=1h')
    assert.equal(problem, undefined)
    assert.deepEqual(data?.services, [
      { name: 'cart', state: 'down', problem: 'connection refused' },
      { name: 'catalog', state: 'up' },
      { name: 'orders', state: 'unknown' }
    ])
    const { since, ...alert } = data!.alerts[0]!
    assert.equal(since, Date.parse('2026-01-02T03:04:05Z'))
    assert.deepEqual(alert, {
      name: 'CatalogSlow',
      severity: 'page',
      summary: 'catalog is slow',
      labels: { service: 'catalog' },
      runbook: '/runbooks/CatalogSlow',
      isMuted: false
    })
    assert.deepEqual(
      Object.keys(data!.panels),
      KEY_PANELS.map(({ id }) => id)
    )
    assert.equal(data!.rules, 2)
  })

  it('remembers the stores of a service that is down, as unknown', async () => {
    assert.deepEqual((await dataOf('/api/view')).data?.stores, [
      { service: 'cart', store: 'redis', state: 'unknown' },
      { service: 'catalog', store: 'redis', state: 'down' }
    ])
  })

  it('links to the queries in Prometheus for the chosen period', async () => {
    const { data } = await dataOf('/api/view?range=6h')
    const link = new URL(data!.panels.orders!.link!)
    assert.equal(link.searchParams.get('g0.range_input'), '6h')
    assert.match(link.searchParams.get('g0.expr')!, /\[21600s\]/)
  })

  it('says what mutes an alert', async () => {
    muted = mutedBy({ silencedBy: ['s1'] })
    const silenced = (await dataOf('/api/view?range=1h')).data!.alerts[0]!
    assert.deepEqual([silenced.isMuted, silenced.mutedBy], [true, 'silenced by ann: repair'])
    muted = mutedBy({ inhibitedBy: ['f2'] })
    const inhibited = (await dataOf('/api/view?range=6h')).data!.alerts[0]!
    assert.deepEqual([inhibited.isMuted, inhibited.mutedBy], [true, 'muted by StoreDown of catalog'])
  })

  it('never sends a query of the caller to Prometheus', async () => {
    await dataOf('/api/view?range=15m&query=secret&expr=secret')
    assert.ok(queries.length > KEY_PANELS.length)
    assert.deepEqual(
      queries.filter(query => query.includes('secret')),
      []
    )
    queries = []
    for (const path of ['/api/v1/query?query=up', '/api/view?range=99d', '/api/view?range=', '/api/panels']) {
      assert.ok([400, 404].includes((await get(path)).status), path)
    }
    assert.deepEqual(queries, [])
  })

  it('answers pages that ask at the same time with one request of each query', async () => {
    await Promise.all([dataOf('/api/view'), dataOf('/api/view'), dataOf('/api/view')])
    assert.equal(queries.filter(query => query.startsWith('bulkhead_build_info')).length, 1)
  })

  it('says that Prometheus does not answer, on the page and once on the console', async () => {
    await prometheus.stop()
    for (const range of ['6h', '24h'])
      assert.deepEqual(await dataOf(`/api/view?range=${range}`), { problem: 'Prometheus does not answer' })
    assert.equal(said.length, 1)
    assert.match(said[0]!, /^The view gets no data from Prometheus: /)
  })

  it('allows only GET and HEAD', async () => {
    const refused = await get('/', { method: 'POST' })
    assert.deepEqual(
      { status: refused.status, allow: refused.headers.get('allow') },
      { status: 405, allow: 'GET, HEAD' }
    )
    assert.equal((await get('/', { method: 'HEAD' })).status, 200)
  })

  it('refuses other names of the host, so that no other site can read it', async () => {
    const status = await new Promise(resolve => {
      const asked = request(`${view.url}/api/view`, { headers: { Host: 'attacker.example' } }, answer => {
        answer.resume()
        resolve(answer.statusCode)
      })
      asked.end()
    })
    assert.equal(status, 421)
  })

  it('serves the page, its script and its style under a policy without inline code', async () => {
    for (const [path, type] of [
      ['/', 'text/html'],
      ['/view.js', 'text/javascript'],
      ['/view.css', 'text/css']
    ] as const) {
      const answer = await get(path)
      assert.match(answer.headers.get('content-type')!, new RegExp(`^${type};`))
      const policy = answer.headers.get('content-security-policy')!
      assert.match(policy, /default-src 'none'; script-src 'self'/)
      assert.doesNotMatch(policy, /unsafe/)
      assert.ok((await answer.text()).length > 1_000)
    }
  })

  it('serves runbooks as pages, and no other files', async () => {
    assert.match(await (await get('/runbooks/CatalogSlow')).text(), /<h1>Catalog is slow<\/h1>/)
    for (const name of ['Other', '..%2f..%2fpackage', 'CatalogSlow.md']) {
      assert.equal((await get(`/runbooks/${name}`)).status, 404)
    }
  })
})
