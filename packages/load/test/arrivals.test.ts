import { deepEqual, equal, ok } from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '@bulkhead/testing/until'
import { type DropReason, runArrivals } from '../src/pacing/arrivals.ts'

/** Runs arrivals whose visits last until `leave`. `random` returns the gap of one mean, so that arrivals are regular. */
function arriving(perSecond: number, most: number) {
  const closing = new AbortController()
  const leaving = Promise.withResolvers<void>()
  const dropped: Record<DropReason, number> = { full: 0, late: 0 }
  const counts = { begun: 0, open: 0, mostOpen: 0 }
  const ended = runArrivals({
    perSecond,
    most,
    signal: closing.signal,
    random: () => 1 - 1 / Math.E,
    dropped: (reason, count) => (dropped[reason] += count),
    async visit() {
      counts.begun++
      counts.mostOpen = Math.max(counts.mostOpen, ++counts.open)
      await leaving.promise
      counts.open--
    }
  })
  return { counts, dropped, ended, close: () => closing.abort(), leave: () => leaving.resolve() }
}

describe('the arrivals of a load', () => {
  it('do not wait for earlier visits, and drop those above the maximum', async () => {
    const { counts, dropped, ended, close, leave } = arriving(500, 3)
    await until(() => dropped.full >= 5)
    deepEqual({ begun: counts.begun, mostOpen: counts.mostOpen }, { begun: 3, mostOpen: 3 })
    close()
    leave()
    await ended
    equal(counts.open, 0)
  })

  it('end only when all visits are over', async () => {
    const { counts, ended, close, leave } = arriving(500, 100)
    await until(() => counts.begun > 0)
    close()
    const first = await Promise.race([ended.then(() => 'ended'), delay(50, 'waits')])
    equal(first, 'waits')
    leave()
    await ended
  })

  it('drop what they missed while the process was blocked', async () => {
    const { counts, dropped, ended, close, leave } = arriving(20, 1_000)
    await until(() => counts.begun > 0)
    const before = counts.begun
    for (const end = performance.now() + 1_500; performance.now() < end; );
    await until(() => dropped.late > 0)
    ok(dropped.late >= 20, `dropped ${dropped.late}`)
    ok(counts.begun - before < 20, `begun ${counts.begun - before}`)
    close()
    leave()
    await ended
  })
})
