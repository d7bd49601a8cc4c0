import assert from 'node:assert/strict'
import type { Trace, TraceEntry } from '../src/traces/trace.ts'
import { waterfall } from '../src/traces/waterfall.ts'

const START = Date.parse('2026-01-01T12:00:00Z')
const entry = (name: string, start: number, end: number, more: Partial<TraceEntry> = {}): TraceEntry => ({
  service: 'orders',
  name,
  kind: 'request',
  start: START + start,
  end: START + end,
  depth: 0,
  isFailed: false,
  ...more
})
const draw = (entries: TraceEntry[], maxEntries = 100) => {
  const trace: Trace = { traceId: 'a'.repeat(32), source: 'spans', entries, linked: [] }
  return waterfall(trace, { columns: 100, maxEntries }).split('\n')
}

describe('waterfall', () => {
  it('shows when each entry ran, below its parent', () => {
    const [scale, whole, half] = draw([
      entry('placeOrder', 0, 100, { result: '201' }),
      entry('reserve', 50, 100, { service: 'inventory', depth: 1 })
    ])
    assert.match(scale!, / 0 +100 ms$/)
    assert.match(whole!, /^orders placeOrder +█{35} +100 ms 201$/)
    assert.match(half!, /^ {2}inventory reserve {44}█{18} /)
  })

  it('marks failures, calls, events and messages', () => {
    const lines = draw([
      entry('placeOrder', 0, 100, { result: '503', isFailed: true }),
      entry('catalog.listOffers', 0, 10, { kind: 'call' }),
      entry('send orders.order.captured', 10, 20, { kind: 'event' }),
      entry('A step failed', 20, 20, { kind: 'message', result: 'warn' })
    ])
    assert.match(lines[1]!, /▒{35} +100 ms ✘ 503$/)
    assert.match(lines[2]!, /^orders → catalog\.listOffers/)
    assert.match(lines[3]!, /^orders ⇢ send orders\.order\.captured/)
    assert.match(lines[4]!, /^! orders A step failed +· +warn$/)
  })

  it('gives work after a long pause a scale of its own', () => {
    const lines = draw([entry('placeOrder', 0, 100), entry('refund', 10_000, 10_050)])
    assert.deepEqual(lines.slice(2, 4), ['', '10.00 s after the beginning:'])
    assert.match(lines[5]!, /^orders refund +█{35} +50\.0 ms$/)
  })

  it('says how many entries it does not show', () => {
    const lines = draw([entry('one', 0, 1), entry('two', 1, 2), entry('three', 2, 3)], 1)
    assert.equal(lines.at(-1), '2 more are not shown. Show all: --all')
  })
})
