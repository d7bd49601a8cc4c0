import assert from 'node:assert/strict'
import { recordingLog } from '@bulkhead/testing/silent'
import { Registry } from 'prom-client'
import { liveGauge, measuredGauge } from '../src/core/measuring.ts'
import { defineGauge } from '../src/core/metrics.ts'

const lampsLit = defineGauge({ name: 'lamps_lit', help: 'Lamps that are lit' })

describe('a measured gauge', () => {
  it('keeps its last figure while measuring fails, and logs one warning until measuring succeeds again', async () => {
    const { log, lines } = recordingLog()
    const registry = new Registry()
    let measure = async () => 7
    measuredGauge({ registry, log, metric: lampsLit, measure: () => measure() })
    const scrape = async () => (await registry.getSingleMetric('lamps_lit')!.get()).values[0]!.value
    const fail = async () => Promise.reject(new Error('the store is away'))
    assert.equal(await scrape(), 7)
    measure = fail
    for (let times = 0; times < 3; times++) assert.equal(await scrape(), 7)
    assert.equal(lines.length, 1)
    assert.equal(lines[0]!.msg, 'The metric lamps_lit cannot be measured')
    assert.equal((lines[0]!.err as Error).message, 'the store is away')
    measure = async () => 8
    assert.equal(await scrape(), 8)
    measure = fail
    await scrape()
    assert.equal(lines.length, 2)
  })

  it('is measured once for scrapes at the same time', async () => {
    const { log } = recordingLog()
    const registry = new Registry()
    const answers: ((figure: number) => void)[] = []
    const measure = () => new Promise<number>(resolve => answers.push(resolve))
    measuredGauge({ registry, log, metric: lampsLit, measure })
    const scrape = async () => (await registry.getSingleMetric('lamps_lit')!.get()).values[0]!.value
    const scrapes = [scrape(), scrape()]
    assert.equal(answers.length, 1)
    answers[0]!(7)
    assert.deepEqual(await Promise.all(scrapes), [7, 7])
    const next = scrape()
    answers[1]!(8)
    assert.equal(await next, 8)
  })
})

describe('a live gauge', () => {
  it('is read at each scrape', async () => {
    const registry = new Registry()
    let lit = 1
    liveGauge({ registry, metric: lampsLit, value: () => lit })
    const scrape = async () => (await registry.getSingleMetric('lamps_lit')!.get()).values[0]!.value
    assert.equal(await scrape(), 1)
    lit = 2
    assert.equal(await scrape(), 2)
  })
})
