import assert from 'node:assert/strict'
import { join } from 'node:path'
import { allDashboards } from '../src/dashboards/all-dashboards.ts'
import { panelsOf } from '../src/dashboards/dashboard.ts'
import { COLUMNS, type Place, placeRows } from '../src/dashboards/grid.ts'
import { serviceDashboard } from '../src/dashboards/service.ts'
import { grafanaDashboard } from '../src/grafana/dashboard.ts'
import type { DocumentedMetric } from '../src/services/metrics-page.ts'
import { readServices, type ServiceFacts } from '../src/services/services.ts'

const ROOT = join(import.meta.dirname, '../../..')
const services = readServices(ROOT)
const dashboards = allDashboards(services)

/** A service that exists only in these tests. */
const wishlist: ServiceFacts = {
  name: 'wishlist',
  description: 'Lists of wishes',
  store: 'none',
  targets: [],
  publishesEvents: false,
  subscribers: [],
  handlesEvents: false,
  streams: [],
  ownMetrics: []
}

const rowsFor = (facts: Partial<ServiceFacts>) =>
  serviceDashboard({ ...wishlist, ...facts }).rows.map(({ title }) => title)

const overlap = (one: Place, other: Place) =>
  one.x < other.x + other.w && other.x < one.x + one.w && one.y < other.y + other.h && other.y < one.y + one.h

describe('dashboards', () => {
  it('exist for the whole and for each service, each with a UID of its own that Grafana accepts', () => {
    const names = dashboards.map(({ name }) => name)
    for (const { name } of services) assert.ok(names.includes(`service-${name}`), name)
    for (const name of ['overview', 'order-path', 'event-log', 'stores', 'rollouts', 'objectives'])
      assert.ok(names.includes(name), name)
    const uids = dashboards.map(({ uid }) => uid)
    assert.equal(new Set(uids).size, uids.length)
    for (const uid of uids) assert.match(uid, /^[\w-]{1,40}$/)
  })

  it('have a UID that Grafana accepts for a service with the longest name', () => {
    const { uid } = serviceDashboard({ ...wishlist, name: 'name-of-30-characters-in-words' })
    assert.match(uid, /^[\w-]{1,40}$/)
  })

  it('place no panel over another one or outside the grid', () => {
    for (const { name, rows } of dashboards) {
      const open = placeRows(rows).flatMap(({ row, place, panels }) =>
        row.isCollapsed ? [place] : [place, ...panels.map(panel => panel.place)]
      )
      for (const [index, one] of open.entries()) {
        assert.ok(one.x >= 0 && one.x + one.w <= COLUMNS && Number.isInteger(one.w), `${name}: ${JSON.stringify(one)}`)
        for (const other of open.slice(index + 1))
          assert.ok(!overlap(one, other), `${name}: ${JSON.stringify([one, other])}`)
      }
    }
  })

  it('describe each panel in whole sentences, and give each of its queries a legend', () => {
    for (const { name, rows } of dashboards) {
      for (const { title, panels } of rows) assert.ok(title !== '' && panels.length > 0, `${name}: ${title}`)
      for (const { title, description, queries } of rows.flatMap(({ panels }) => panels)) {
        assert.match(description, /^[A-Z0-9`].*[.]$/, `${name}: ${title}`)
        assert.ok(queries.length > 0, `${name}: ${title}`)
        for (const { legend } of queries) assert.notEqual(legend, '', `${name}: ${title}`)
      }
    }
  })

  it('ask only for the chosen installation, and have no data source of their own', () => {
    for (const dashboard of dashboards) {
      for (const { title, queries } of panelsOf(dashboard))
        for (const { expr } of queries) {
          const selectors = expr.match(/[a-z][\w:]*\{[^}]*\}/g) ?? []
          assert.ok(selectors.length > 0, title)
          for (const selector of selectors) assert.match(selector, /namespace=~"\$namespace"/, `${title}: ${selector}`)
        }
      const sources =
        JSON.stringify(grafanaDashboard(dashboard)).match(/"datasource":\{"type":"prometheus","uid":"[^"]*"\}/g) ?? []
      assert.ok(sources.length > panelsOf(dashboard).length)
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
      for (const source of sources) assert.ok(source.includes('"${datasource}"'), source)
    }
  })

  it('link to each other, and from the series of a service to its dashboard', () => {
    for (const { links = [], tags = [] } of dashboards.map(grafanaDashboard))
      assert.deepEqual(
        links.map(link => link.tags),
        [tags]
      )
    const text = JSON.stringify(grafanaDashboard(dashboards[0]!))
    for (const { uid, name } of dashboards.slice(-services.length)) assert.equal(uid, `bulkhead-${name.slice(8)}`)
    // biome-ignore lint/suspicious/noTemplateCurlyInString: variables of Grafana
    assert.ok(text.includes('/d/bulkhead-${__field.labels.service}?'))
  })
})

describe('the dashboard of a service', () => {
  it('has rows only for what its contract declares', () => {
    assert.deepEqual(rowsFor({}), ['Now', 'Objectives', 'Requests', 'Processes'])
    assert.deepEqual(
      rowsFor({ targets: ['catalog', 'identity'], store: 'redis', publishesEvents: true, handlesEvents: true }),
      [
        'Now',
        'Objectives',
        'Requests',
        'Calls to catalog, identity',
        'Store',
        'Published events',
        'Handled events',
        'Processes'
      ]
    )
  })

  it('shows the metrics that only this service has, with their meaning', () => {
    const metric: DocumentedMetric = {
      name: 'wishlist_wishes_granted_total',
      type: 'counter',
      labels: ['kind'],
      meaning: 'Wishes granted'
    }
    const { rows } = serviceDashboard({ ...wishlist, ownMetrics: [metric] })
    const [panel] = rows.find(({ title }) => title === 'Only in wishlist')!.panels
    assert.equal(panel!.title, 'Wishes granted')
    assert.equal(panel!.description, 'Wishes granted. Per second, over all replicas.')
    assert.match(
      panel!.queries[0]!.expr,
      /^sum by \(kind\) \(rate\(wishlist_wishes_granted_total\{.*service="wishlist"\}/
    )
  })

  it('leaves streams out of its durations', () => {
    const panels = panelsOf(serviceDashboard({ ...wishlist, streams: ['watchWish'] }))
    const durations = panels.find(({ title }) => title === 'Durations')!
    assert.match(durations.queries[0]!.expr, /operation!~"watchWish"/)
  })
})
