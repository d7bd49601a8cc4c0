import assert from 'node:assert/strict'
import type { Panel } from '../../packages/monitoring/src/panels/panel.ts'
import { type Check, checksOf, type Trouble } from './checks.ts'
import { report } from './report.ts'

const EMPTY: Trouble = { text: 'it finds no series', isRefused: false }
const REFUSED: Trouble = { text: 'parse error', isRefused: true }
const REASON = 'kube-state-metrics runs only in a cluster'

function panel(title: string, noDataReason?: string): Panel {
  const panel: Panel = {
    title,
    description: '',
    unit: 'short',
    queries: [{ expr: `up{job="${title}"}`, legend: 'up' }]
  }
  return noDataReason === undefined ? panel : { ...panel, noDataReason }
}

/** Reports on twenty panels, the first of which has this trouble. Returns the verdict and the lines. */
function reportOn(first: Panel, trouble: Trouble, second = panel('second')) {
  const panels = [first, second, ...Array.from({ length: 18 }, (_, index) => panel(`other ${index}`))]
  const checks = checksOf([{ name: 'a', uid: 'a', title: 'A', description: '', rows: [{ title: 'Row', panels }] }])
  const lines: string[] = []
  const troubles = new Map<Check, Trouble>([[checks[0]!, trouble]])
  return { isGood: report(checks, troubles, line => lines.push(line)), text: lines.join('\n') }
}

describe('make test-dashboards', () => {
  it('fails if the query of a panel finds no data, and prints the query', () => {
    const { isGood, text } = reportOn(panel('first'), EMPTY)
    assert.equal(isGood, false)
    assert.match(text, /^✘ a \/ Row \/ first \/ up: it finds no series\n {4}up\{job="first"\}$/m)
    assert.match(text, /^20 passed, 1 failed, 0 skipped$/m)
  })

  it('accepts a panel without data if it gives a reason, and prints the reason', () => {
    const { isGood, text } = reportOn(panel('first', REASON), EMPTY)
    assert.equal(isGood, true)
    assert.match(text, new RegExp(`^- a / Row / first / up: not tested, because ${REASON}$`, 'm'))
    assert.match(text, /^20 passed, 0 failed, 1 skipped$/m)
  })

  it('fails if Prometheus refuses a query, whatever reason its panel gives', () => {
    assert.equal(reportOn(panel('first', REASON), REFUSED).isGood, false)
  })

  it('fails if more than a twentieth of the panels have a reason', () => {
    const { isGood, text } = reportOn(panel('first', REASON), undefined, panel('second', REASON))
    assert.equal(isGood, false)
    assert.match(text, /✘ 2 of 20 panels have a noDataReason: at most 5 % may/)
  })
})
