import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from 'mocha'
import { allDashboards } from '../src/dashboards/all-dashboards.ts'
import { panelsOf } from '../src/dashboards/dashboard.ts'
import type { Query } from '../src/panels/panel.ts'
import { documentedMetrics } from '../src/services/metrics-page.ts'
import { readMetrics, readServices } from '../src/services/services.ts'

const ROOT = join(import.meta.dirname, '../../..')
/** Labels that no definition has: those that Prometheus adds to each target, and the one of a histogram's buckets. */
const OF_EVERY_TARGET = ['namespace', 'service', 'instance', 'le']
/** Metrics of Node, of Prometheus, of Kubernetes and of backups, and series that recording rules make. docs/metrics.md has none of them. */
const OTHERS = /^(nodejs_|process_|up$|kube_|bulkhead_backup_|bulkhead:)/

describe('the metrics of dashboards', () => {
  it('are documented, so that no panel asks for a misspelt name', function () {
    needFiles(this, 'docs/metrics.md')
    const documented = readMetrics(ROOT).map(({ name }) => name)
    assert.ok(documented.length > 50, 'docs/metrics.md has no metrics')
    assert.deepEqual(
      unknownNames(name => OTHERS.test(name) || documented.includes(name)),
      []
    )
  })

  it('are recorded by the rules, if they are the result of rules', function () {
    needFiles(this, 'k8s/monitoring/rules/*.yaml')
    const texts = globSync('k8s/monitoring/rules/*.yaml', { cwd: ROOT }).map(file =>
      readFileSync(join(ROOT, file), 'utf8')
    )
    const recorded = texts.flatMap(text => [...text.matchAll(/record: (\S+)/g)].map(([, name]) => name!))
    assert.deepEqual(
      unknownNames(name => !name.startsWith('bulkhead:') || recorded.includes(name)),
      []
    )
  })

  it('are selected, grouped and named only by labels that they have', function () {
    needFiles(this, 'docs/metrics.md')
    const known = new Map(readMetrics(ROOT).map(({ name, labels }) => [name, labels]))
    const wrong = allDashboards(readServices(ROOT)).flatMap(dashboard =>
      panelsOf(dashboard).flatMap(({ title, queries }) =>
        queries.flatMap(query => {
          const names = namesIn(query.expr)
          if (names.some(name => OTHERS.test(name))) return []
          const labels = [...OF_EVERY_TARGET, ...names.flatMap(name => known.get(name) ?? [])]
          return labelsIn(query)
            .filter(label => !labels.includes(label))
            .map(label => `${title}: ${label}`)
        })
      )
    )
    assert.deepEqual(wrong, [])
  })

  it('are read from the tables of docs/metrics.md', () => {
    const page = `## Metrics of several services

| metric | type | unit | labels | meaning | services |
| --- | --- | --- | --- | --- | --- |
| \`bulkhead_store_up\` | gauge | number | \`store\`: mongodb, redis; \`kind\`: a \\| b | 1 if it answers | all |

## Metrics of cart

| metric | type | unit | labels | meaning |
| --- | --- | --- | --- | --- |
| \`cart_lines_total\` | counter | number |  | Lines |
`
    assert.deepEqual(documentedMetrics(page), [
      { name: 'bulkhead_store_up', type: 'gauge', labels: ['store', 'kind'], meaning: '1 if it answers' },
      { name: 'cart_lines_total', type: 'counter', labels: [], meaning: 'Lines', service: 'cart' }
    ])
  })
})

/** Skips a test, and prints the reason, if generated files of another part are not there. */
function needFiles(test: Context, files: string) {
  if (globSync(files, { cwd: ROOT }).length > 0) return
  console.log(`Not tested: there is no ${files}`)
  test.skip()
}

/** Returns the names of metrics in the dashboards that are not known, each with its panel. */
const unknownNames = (isKnown: (name: string) => boolean) =>
  allDashboards(readServices(ROOT)).flatMap(dashboard =>
    panelsOf(dashboard).flatMap(({ title, queries }) =>
      queries.flatMap(({ expr }) =>
        namesIn(expr)
          .filter(name => !isKnown(name))
          .map(name => `${title}: ${name}`)
      )
    )
  )

/** Returns the labels that a query selects and groups by, and those in its legend. */
function labelsIn({ expr, legend }: Query): string[] {
  const selected = (expr.match(/\w+(?=\s*(=~|!~|!=|=)\s*")/g) ?? []) as string[]
  const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(/,\s*/).filter(Boolean))
  const named = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!)
  return [...selected, ...grouped, ...named]
}

/** Returns the names of the metrics in a query, without the endings of the series of a histogram. */
const namesIn = (expr: string) =>
  (expr.match(/[a-z][\w:]*(?=\{)/g) ?? []).map(name => name.replace(/_(bucket|sum|count)$/, ''))
