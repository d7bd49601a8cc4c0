import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { failedShare, startStatistics } from '../src/report/statistics.ts'
import { summaryBlock, summaryLine } from '../src/report/summary.ts'

describe('the statistics of a load', () => {
  it('count journeys by their end, and requests by their outcome', () => {
    const statistics = startStatistics()
    for (const end of ['bought', 'bought', 'out of stock']) {
      statistics.visitBegins()
      statistics.visitEnds(end)
    }
    statistics.visitBegins()
    statistics.request('order', 'ok', 3)
    statistics.request('order', 'limited', 2, '429 too-many-requests')
    statistics.request('order', 'failed', 2, '503 busy')
    const { visits, open, requests, errors } = statistics.figures()
    deepEqual(visits, { bought: 2, 'out of stock': 1 })
    equal(open, 1)
    deepEqual(requests, { ok: 1, limited: 1, failed: 1 })
    deepEqual(errors, { 'order: 429 too-many-requests': 1, 'order: 503 busy': 1 })
  })

  it('have the percentiles of each step', () => {
    const statistics = startStatistics()
    for (let ms = 1; ms <= 100; ms++) statistics.request('cart', 'ok', ms)
    const [cart] = statistics.figures().steps
    ok(Math.abs(cart!.p50 - 50) < 1 && Math.abs(cart!.p99 - 99) < 1, JSON.stringify(cart))
  })

  it('keep a limited number of kinds of errors', () => {
    const statistics = startStatistics()
    for (let kind = 0; kind < 100; kind++) statistics.request('cart', 'failed', 1, `reason ${kind}`)
    const { errors } = statistics.figures()
    equal(Object.keys(errors).length, 21)
    equal(errors['other reasons'], 80)
  })

  it('do not count limited requests as failed', () => {
    const statistics = startStatistics()
    equal(failedShare(statistics.figures()), 0)
    for (const outcome of ['ok', 'ok', 'limited', 'failed'] as const) statistics.request('cart', outcome, 1)
    equal(failedShare(statistics.figures()), 0.25)
  })
})

describe('the summary of a load', () => {
  it('says in one line and in a block what was dropped and held back', () => {
    const statistics = startStatistics()
    statistics.dropped('full', 7)
    statistics.heldBack()
    statistics.request('new cart', 'failed', 12, 'ECONNREFUSED')
    const figures = statistics.figures()
    match(
      summaryLine(figures),
      /1 requests: 0 ok, 0 limited, 1 failed; 1 held back; dropped 7 journeys, because too many .*; 1 × new cart: ECONNREFUSED$/
    )
    const block = summaryBlock(figures).join('\n')
    match(block, /^held back {2}1 requests/m)
    match(block, /^new cart +1 +12 ms +12 ms$/m)
    match(block, /^ +1 {2}new cart: ECONNREFUSED$/m)
  })
})
