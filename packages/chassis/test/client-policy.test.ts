import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { Registry } from 'prom-client'
import { clientMetricsOf, defaultLimits, guard } from '../src/client-policy.ts'

describe('guard', () => {
  const attempts = guard('catalog', defaultLimits, clientMetricsOf(new Registry()))

  it('leaves nothing behind on the signal of an attempt that is over', async () => {
    const { signal } = new AbortController()
    await attempts(signal, async () => ({ status: 200 }))
    await assert.rejects(
      attempts(signal, () => Promise.reject(new Error('broken off'))),
      /broken off/
    )
    assert.equal(getEventListeners(signal, 'abort').length, 0)
  })

  it('rejects with the reason of the signal at once, whatever the attempt does', async () => {
    const leaving = new AbortController()
    const endless = attempts(leaving.signal, () => new Promise<{ status: number }>(() => undefined))
    leaving.abort(new Error('no time left'))
    await assert.rejects(endless, /no time left/)
  })
})
