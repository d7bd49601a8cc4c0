import assert from 'node:assert/strict'
import { join } from 'node:path'
import { legendOf, resolveExpression } from '../../src/view/expressions.ts'
import { formatAge, formatValue } from '../../src/view/format.ts'
import { KEY_PANELS, type KeyPanel } from '../../src/view/key-panels.ts'
import { headlineOf, linesOf } from '../../src/view/latest.ts'
import { noteOf } from '../../src/view/note.ts'
import { streamOperations } from '../../src/view/server/streams.ts'
import type { Series } from '../../src/view/view-data.ts'
import { wellData } from './view-data.ts'

const seriesOf = (name: string, ...values: (number | null)[]): Series => ({ name, labels: {}, values })
const key: KeyPanel = {
  id: 'orders',
  panel: { title: 'Orders', description: '', unit: 'short', queries: [] },
  empty: 'No service counts orders',
  quiet: 'No orders in this period'
}
const noteWith = (...series: Series[]) => noteOf(key, wellData({ panels: { orders: { series } } }), undefined)

describe('the note of a panel', () => {
  it('tells apart loading, no data, no series, zeros and a failed query', () => {
    assert.equal(noteOf(key, undefined, undefined), 'Loading')
    assert.equal(noteOf(key, undefined, 'Prometheus does not answer'), 'No data')
    assert.equal(noteWith(), 'No service counts orders')
    assert.equal(noteWith(seriesOf('captured', null, null)), 'No service counts orders')
    assert.equal(noteWith(seriesOf('captured', 0, null, 0)), 'No orders in this period')
    const failed = wellData({ panels: { orders: { series: [], problem: 'parse error' } } })
    assert.equal(noteOf(key, failed, undefined), 'The query fails: parse error')
  })

  it('is missing if there is something to draw', () => assert.equal(noteWith(seriesOf('captured', 0, 3)), undefined))
})

describe('the large number of a panel', () => {
  const series = [seriesOf('one', 9, 1), seriesOf('two', 9, 3)]

  it('is the first, the highest or the sum of the latest values', () => {
    assert.equal(headlineOf({ ...key, headline: 'first' }, { series }), 1)
    assert.equal(headlineOf({ ...key, headline: 'highest' }, { series }), 3)
    assert.equal(headlineOf({ ...key, headline: 'sum' }, { series }), 4)
  })

  it('is missing if there is no value now, even if there was one before', () =>
    assert.equal(headlineOf({ ...key, headline: 'sum' }, { series: [seriesOf('one', 9, null)] }), null))
})

describe('the lines of a chart', () => {
  it('are the series with the highest values, in their order', () => {
    const series = [seriesOf('low', 1, 1), seriesOf('high', 9, 0), seriesOf('middle', null, 5), seriesOf('zero', 0, 0)]
    assert.deepEqual(linesOf(series, 2), { shown: [series[1], series[2]], more: 1 })
  })

  it('are zeros only if there is nothing else', () => {
    const [zero, one] = [seriesOf('zero', 0, null), seriesOf('one', 0, 1)]
    assert.deepEqual(linesOf([zero, one], 4), { shown: [one], more: 0 })
    assert.deepEqual(linesOf([zero], 4), { shown: [zero], more: 0 })
  })
})

describe('formatValue', () => {
  it('writes each unit as people read it', () => {
    assert.equal(formatValue(0.1234, 'percent'), '12.3 %')
    assert.equal(formatValue(0.0042, 'seconds'), '4.2 ms')
    assert.equal(formatValue(90, 'seconds'), '1.5 min')
    assert.equal(formatValue(0, 'seconds'), '0 s')
    assert.equal(formatValue(157_286_400, 'bytes'), '150 MiB')
    assert.equal(formatValue(12.34, 'per-second'), '12.3/s')
    assert.equal(formatValue(1_234_567, 'short'), '1,234,567')
    assert.equal(formatValue(null, 'short'), '–')
  })

  it('writes amounts as estimates in whole units of their currency', () => {
    assert.equal(formatValue(123_450, 'currency', 'EUR'), '≈ €1,235')
    assert.equal(formatValue(1_235, 'currency', 'JPY'), '≈ ¥1,235')
    assert.equal(formatValue(5, 'currency', 'not a code'), '≈ 5 not a code')
  })

  it('rounds ages down', () => assert.deepEqual([59_999, 7_200_000].map(formatAge), ['59 s', '2 h']))
})

describe('the expressions of the view', () => {
  it('have no variable left after they are resolved', () => {
    const variables = { namespace: 'local', streams: ['watchOrder'], window: 60, range: 900 }
    const expressions = KEY_PANELS.flatMap(({ panel }) => panel.queries.map(({ expr }) => expr))
    for (const expression of expressions) assert.doesNotMatch(resolveExpression(expression, variables), /\$/)
  })

  it('all select the namespace', () => {
    const queries = KEY_PANELS.flatMap(({ panel }) => panel.queries)
    const selectors = queries.flatMap(({ expr }) => expr.match(/bulkhead_\w+(\{[^}]*\})?/g) ?? [])
    assert.deepEqual(
      selectors.filter(selector => !selector.includes('namespace=~"$namespace"')),
      []
    )
  })

  it('leave out the durations of streams', () => {
    const buckets = KEY_PANELS.flatMap(({ panel }) => panel.queries).filter(({ expr }) => expr.includes('_bucket'))
    assert.equal(buckets.length, 4)
    for (const { expr } of buckets) {
      const variables = { namespace: 'local', streams: ['watchCart', 'watchOrder'], window: 60, range: 900 }
      assert.match(resolveExpression(expr, variables), /operation!~"watchCart\|watchOrder"/)
    }
    assert.ok(streamOperations(join(import.meta.dirname, '../../../..')).includes('watchOrder'))
  })

  it('get the names of series from their labels', () =>
    assert.equal(
      legendOf('{{subscriber}} from {{ service }}{{other}}', { subscriber: 'cart', service: 'orders' }),
      'cart from orders'
    ))
})
