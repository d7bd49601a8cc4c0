import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { until } from '@bulkhead/testing/until'
import { Registry } from 'prom-client'
import { clientMetricsOf } from '../src/client/client-metrics.ts'
import { defaultLimits, isRejection, TimedOut } from '../src/client/client-policy.ts'
import { guard } from '../src/client/guard.ts'

describe('guard', () => {
  const { run } = guard('catalog', defaultLimits, clientMetricsOf(new Registry()))

  it('removes its listener from the signal after an attempt', async () => {
    const { signal } = new AbortController()
    await run('getProduct', signal, async () => ({ status: 200 }))
    await assert.rejects(
      run('getProduct', signal, () => Promise.reject(new Error('broken off'))),
      /broken off/
    )
    assert.equal(getEventListeners(signal, 'abort').length, 0)
  })

  it('rejects with the reason of the signal at once, whatever the attempt does', async () => {
    const leaving = new AbortController()
    const endless = run('getProduct', leaving.signal, () => new Promise<{ status: number }>(() => undefined))
    leaving.abort(new Error('no time left'))
    await assert.rejects(endless, /no time left/)
  })

  it('does not count the time-out of an attempt that waited in the queue for most of its time', async () => {
    const limits = { ...defaultLimits, concurrency: 1, operationShare: 1 }
    const { run } = guard('cart', limits, clientMetricsOf(new Registry()))
    const { signal } = new AbortController()
    const late = async () => {
      throw new TimedOut(1_000, false)
    }
    for (let count = 0; count < 30; count++) {
      const slow = run('slow', signal, () => setImmediate({ status: 200 }))
      await assert.rejects(run('getCart', signal, late), TimedOut)
      await slow
    }
    assert.deepEqual(await run('getCart', signal, async () => ({ status: 200 })), { status: 200 })
  })

  it('lets the next attempt try an open circuit if the caller of the first attempt has left', async () => {
    const limits = { ...defaultLimits, breaker: { ...defaultLimits.breaker, halfOpenAfter: 20 } }
    const { run } = guard('cart', limits, clientMetricsOf(new Registry()))
    const { signal } = new AbortController()
    const get = () => run('getCart', signal, async () => ({ status: 200 }))
    const leave = () => Promise.reject(new Error('The client is gone'))
    for (let count = 0; count < 10; count++) await run('getCart', signal, async () => ({ status: 502 }))
    await assert.rejects(get(), isRejection)
    await until(() => run('getCart', signal, leave).catch(error => !isRejection(error)))
    assert.deepEqual(await get(), { status: 200 })
    assert.deepEqual(await get(), { status: 200 })
  })

  it('closes an open circuit as soon as an answer begins', async () => {
    const limits = { ...defaultLimits, breaker: { ...defaultLimits.breaker, halfOpenAfter: 20 } }
    const { run } = guard('cart', limits, clientMetricsOf(new Registry()))
    const { signal } = new AbortController()
    const endless = async () => ({ status: 200, whole: new Promise<void>(() => undefined) })
    for (let count = 0; count < 10; count++) await run('getCart', signal, async () => ({ status: 502 }))
    await until(() => run('getCart', signal, endless).catch(() => undefined))
    assert.deepEqual(await run('getCart', signal, async () => ({ status: 200 })), { status: 200 })
  })

  it('limits the answers whose bodies still arrive', async () => {
    const limits = { ...defaultLimits, concurrency: 2, operationShare: 1, openAnswers: 1 }
    const { run } = guard('cart', limits, clientMetricsOf(new Registry()))
    const { signal } = new AbortController()
    const ends = [1, 2, 3].map(() => Promise.withResolvers<void>())
    for (const { promise: whole } of ends) await run('getCart', signal, async () => ({ status: 200, whole }))
    const get = () => run('getCart', signal, async () => ({ status: 200 }))
    await assert.rejects(get(), isRejection)
    ends[1]!.resolve()
    await until(() => get().catch(() => undefined))
  })
})
