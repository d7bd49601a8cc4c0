import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { pino } from 'pino'
import { adaptivePace, repeat } from '../src/core/pacing.ts'

describe('adaptivePace', () => {
  it('keeps the minimum interval after a short scan', async () => {
    const pace = adaptivePace(1_000)
    assert.equal(await pace.measure(async () => 'found'), 'found')
    assert.equal(pace.interval(), 1_000)
  })

  it('waits twenty times as long as the scan took, and does not count other work', async () => {
    const pace = adaptivePace(100)
    await pace.measure(() => setTimeout(20))
    await setTimeout(100)
    assert.ok(pace.interval() >= 380, String(pace.interval()))
    assert.ok(pace.interval() <= 1_200)
  })

  it('waits at most twelve times the minimum interval', async () => {
    const pace = adaptivePace(10)
    await pace.measure(() => setTimeout(50))
    assert.equal(pace.interval(), 120)
  })

  it('keeps the minimum interval after a scan that failed', async () => {
    const pace = adaptivePace(10)
    await assert.rejects(
      pace.measure(() => setTimeout(50).then(() => Promise.reject(new Error('away')))),
      /away/
    )
    assert.equal(pace.interval(), 10)
  })
})

describe('repeat', () => {
  it('continues after a failure, and ends when its signal aborts', async () => {
    const stopping = new AbortController()
    let runs = 0
    const task = async () => {
      runs++
      if (runs === 3) stopping.abort()
      throw new Error('not yet')
    }
    await repeat('A try', task, () => 1, { log: pino({ level: 'silent' }), signal: stopping.signal })
    assert.equal(runs, 3)
  })
})
