import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { readMonitoredServices } from '../src/objectives/read-monitored-services.ts'
import { alertsByGroup } from '../src/rules/files.ts'
import { needProgram, ROOT, run } from './programs.ts'

type Expected = { expr: string; exp_samples: object[] }
type Cases = { tests: { promql_expr_test?: Expected[] }[] }

const FOLDER = 'packages/monitoring/test/rules'
const files = globSync(`${FOLDER}/*.yaml`, { cwd: ROOT }).sort()
const read = (file: string) => parse(readFileSync(join(ROOT, file), 'utf8'))

/** The cases of all files: the alerts that each one asks for, and whether it expects that they fire. */
const cases = files
  .flatMap(file => (read(file) as Cases).tests)
  .flatMap(({ promql_expr_test = [] }) => promql_expr_test)
  .map(({ expr, exp_samples }) => ({ expr, fires: exp_samples.length > 0 }))

const casesOf = (alert: string) => cases.filter(({ expr }) => expr.includes(`ALERTS{alertname="${alert}"`))

describe('rules of Prometheus', () => {
  before(needProgram('promtool', 'prometheus'))

  it('are valid', async () => {
    const rules = globSync('k8s/monitoring/rules/*.yaml', { cwd: ROOT })
    assert.match(await run('promtool', 'check', 'rules', ...rules), /SUCCESS: \d+ rules found/)
  })

  for (const file of files) {
    it(`behave as ${basename(file)} says`, async () => {
      assert.match(await run('promtool', 'test', 'rules', file), /SUCCESS/)
    })
  }

  it('have a case in which each alert fires, and one in which it is silent', async () => {
    const names = Object.values(alertsByGroup(await readMonitoredServices(ROOT))).flatMap(alerts =>
      alerts.map(({ name }) => name)
    )
    assert.ok(names.length > 30)
    const lacking = [...new Set(names)].flatMap(name => {
      const found = casesOf(name)
      return [
        ...(found.some(({ fires }) => fires) ? [] : [`${name} never fires in ${FOLDER}`]),
        ...(found.some(({ fires }) => !fires) ? [] : [`${name} is never silent in ${FOLDER}`])
      ]
    })
    assert.deepEqual(lacking, [])
  })

  it('are the same in the objects for the Prometheus Operator', () => {
    const text = readFileSync(join(ROOT, 'k8s/monitoring/prometheus-rules.yaml'), 'utf8')
    const groups = text.split('---\n').map(object => parse(object).spec.groups)
    assert.deepEqual(
      groups,
      ['objectives', 'alerts'].map(name => read(`k8s/monitoring/rules/${name}.yaml`).groups)
    )
  })
})
