import assert from 'node:assert/strict'
import { recordingLog } from '@bulkhead/testing/silent'
import { Registry } from 'prom-client'
import { liveGauge, measuredGauge } from '../src/core/measuring.ts'
import { defineCounter, defineGauge, defineHistogram, register } from '../src/core/metrics.ts'

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

describe('a registered metric', () => {
  const switches = defineCounter({
    name: 'switches_total',
    help: 'Switched lamps',
    labels: { room: 'the room', to: ['on', 'off'] }
  })
  const times = defineHistogram({
    name: 'switch_seconds',
    help: 'Time to switch a lamp',
    labels: { to: ['on', 'off'] },
    buckets: [1]
  })

  it('exists at 0 for each combination of known values, so that its first event is a rise', async () => {
    const registry = new Registry()
    register(registry, switches)
    assert.doesNotMatch(await registry.metrics(), /^switches_total\{/m)
    register(registry, switches, { room: ['attic'] })
    assert.match(await registry.metrics(), /^switches_total\{room="attic",to="on"\} 0$/m)
    assert.match(await registry.metrics(), /^switches_total\{room="attic",to="off"\} 0$/m)
    register(registry, times)
    assert.match(await registry.metrics(), /^switch_seconds_count\{to="off"\} 0$/m)
  })

  it('keeps its figures when it is registered again', async () => {
    const registry = new Registry()
    register(registry, switches, { room: ['attic'] }).inc({ room: 'attic', to: 'on' })
    register(registry, times).observe({ to: 'on' }, 0.5)
    register(registry, switches, { room: ['attic', 'hall'] })
    register(registry, times)
    const text = await registry.metrics()
    assert.match(text, /^switches_total\{room="attic",to="on"\} 1$/m)
    assert.match(text, /^switches_total\{room="hall",to="on"\} 0$/m)
    assert.match(text, /^switch_seconds_bucket\{le="1",to="on"\} 1$/m)
  })
})

describe('a scrape', () => {
  it('does not wait for a measurement that hangs, and has the other figures', async () => {
    const { log, lines } = recordingLog()
    const registry = new Registry()
    const dark = defineGauge({ name: 'lamps_dark', help: 'Lamps that are dark' })
    measuredGauge({ registry, log, metric: lampsLit, measure: () => new Promise(() => undefined) })
    measuredGauge({ registry, log, metric: dark, measure: async () => 3 })
    const text = await registry.metrics()
    assert.match(text, /^lamps_dark 3$/m)
    assert.doesNotMatch(text, /^lamps_lit /m)
    await registry.metrics()
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ['The metric lamps_lit cannot be measured']
    )
  })
})
