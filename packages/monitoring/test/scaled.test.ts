import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { readMonitoredServices } from '../src/objectives/read-monitored-services.ts'
import { ruleFiles } from '../src/rules/files.ts'
import type { RuleGroup } from '../src/rules/rule.ts'
import { needProgram, ROOT, run } from './programs.ts'

const TIME = /\[\d+\w+\]|offset \d+\w+/g

const services = await readMonitoredServices(ROOT)

describe('rules with shorter times', () => {
  const groupsOf = (scale: number) =>
    ['objectives', 'alerts'].flatMap(
      name => parse(ruleFiles(services, scale)[`k8s/monitoring/rules/${name}.yaml`]!).groups as RuleGroup[]
    )
  const [usual, short] = [groupsOf(1), groupsOf(1 / 20)]
  const ruleOf = (groups: RuleGroup[], alert: string) =>
    groups.flatMap(({ rules }) => rules).find(rule => 'alert' in rule && rule.alert === alert)!

  it('multiply intervals, windows and `for`', () => {
    const circuit = ruleOf(short, 'CircuitOpen')
    assert.ok(circuit.expr.includes('[15000ms]'), circuit.expr)
    assert.equal('for' in circuit && circuit.for, '15000ms')
    assert.ok(short.every(({ interval }) => interval === '1500ms' || interval === '15000ms'))
  })

  it('multiply numbers of seconds', () => {
    assert.ok(ruleOf(short, 'OutboxOld').expr.endsWith('> 6'))
    assert.match(ruleOf(short, 'AvailabilityBudgetBurnsFast').expr, /bad_rate1h \* 180 >= 10/)
  })

  it('are otherwise the same', () => {
    const shapes = (groups: RuleGroup[]) =>
      groups.map(({ name, rules }) => [
        name,
        rules.map(({ expr }) => expr.replaceAll(TIME, '').replaceAll(/[\d.]+/g, ''))
      ])
    assert.deepEqual(shapes(short), shapes(usual))
  })

  it('are valid', async function () {
    await needProgram('promtool', 'prometheus').call(this)
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-rules-'))
    try {
      writeFileSync(join(folder, 'rules.yaml'), JSON.stringify({ groups: short }))
      assert.match(await run('promtool', 'check', 'rules', join(folder, 'rules.yaml')), /SUCCESS: \d+ rules found/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
