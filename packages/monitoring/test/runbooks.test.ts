import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import type { AlertRule, RuleGroup } from '../src/rules/rule.ts'
import { RUNBOOKS } from '../src/rules/runbooks.ts'
import { ROOT } from './programs.ts'

/** What customers notice. Every other alert is about a cause, and opens a ticket. */
const SYMPTOMS = [
  'AvailabilityBudgetBurnsFast',
  'LatencyBudgetBurnsFast',
  'OrdersNotCaptured',
  'OrdersStuck',
  'PaymentsUnreconciled'
]
const SECTIONS = ['What it means', 'How bad it is', 'What to look at', 'What to do', 'How to confirm the cure']

const { groups } = parse(readFileSync(join(ROOT, 'k8s/monitoring/rules/alerts.yaml'), 'utf8')) as {
  groups: RuleGroup[]
}
const alerts = groups.flatMap(({ rules }) => rules).filter((rule): rule is AlertRule => 'alert' in rule)
const names = [...new Set(alerts.map(({ alert }) => alert))].sort()
const runbook = (name: string) => readFileSync(join(ROOT, `docs/runbooks/${name}.md`), 'utf8')

describe('alerts', () => {
  it('page only for symptoms that customers notice', () => {
    const pages = alerts.filter(({ labels }) => labels.severity === 'page').map(({ alert }) => alert)
    assert.deepEqual([...new Set(pages)].sort(), SYMPTOMS)
    const others = alerts.filter(({ alert }) => !SYMPTOMS.includes(alert))
    assert.ok(others.every(({ labels }) => labels.severity === 'ticket'))
  })

  it('have a summary on one line, a description, and the address of their runbook', () => {
    for (const { alert, annotations } of alerts) {
      assert.match(annotations.summary, /^.{10,100}$/, alert)
      assert.match(annotations.description, /^.{40,}\.$/, alert)
      assert.equal(annotations.runbook_url, `${RUNBOOKS}/${alert}.md`)
    }
  })

  it('have a runbook each, and each runbook has an alert', () => {
    const files = globSync('docs/runbooks/*.md', { cwd: ROOT }).map(file => basename(file, '.md'))
    assert.deepEqual(files.filter(name => name !== 'README').sort(), names)
  })

  for (const name of names) {
    it(`${name} has a runbook with all sections, in their order, and with a command`, () => {
      const text = runbook(name)
      assert.equal(text.split('\n')[0], `# ${name}`)
      const sections = [...text.matchAll(/^## (.*)$/gm)].map(([, section]) => section)
      assert.deepEqual(sections, SECTIONS)
      assert.match(text, /^ {4}\S/m)
    })
  }

  it('are all listed in the table of docs/monitoring.md, with their severity', () => {
    const page = readFileSync(join(ROOT, 'docs/monitoring.md'), 'utf8')
    for (const { alert, labels } of alerts) {
      assert.match(
        page,
        new RegExp(`^\\| \\[${alert}\\]\\(runbooks/${alert}\\.md\\) +\\| ${labels.severity} +\\|`, 'm'),
        alert
      )
    }
  })
})
