import assert from 'node:assert/strict'
import { verdictOf } from '../../src/view/verdict.ts'
import { firing, wellData } from './view-data.ts'

const NOW = 1_095_000

describe("the verdict of the operator's view", () => {
  it('is "All well" only if Prometheus has answered and nothing is wrong', () => {
    assert.deepEqual(verdictOf({ data: wellData() }, NOW), {
      level: 'well',
      title: 'All well',
      detail: '2 of 2 services up · 1 of 1 stores up · no alerts'
    })
  })

  it('is unknown before the first answer, and without any data', () => {
    assert.equal(verdictOf(undefined, NOW).level, 'unknown')
    assert.equal(verdictOf({}, NOW).level, 'unknown')
  })

  it('is unknown while Prometheus does not answer, and says how old the last values are', () => {
    const problem = 'Prometheus does not answer'
    const detail = 'The values below are 1 min old'
    assert.deepEqual(verdictOf({ data: wellData(), problem }, NOW), { level: 'unknown', title: problem, detail })
    assert.equal(verdictOf({ problem }, NOW).detail, 'There are no values yet')
  })

  it('says that the stack does not run after it was stopped', () => {
    const data = wellData({ isStackRunning: false, services: [], stores: [] })
    assert.deepEqual(verdictOf({ data }, NOW), {
      level: 'unknown',
      title: 'The stack does not run',
      detail: 'Start it: make up'
    })
  })

  it('is unknown if Prometheus scrapes nothing, because then nothing can be wrong', () => {
    const data = wellData({ services: [], stores: [] })
    assert.deepEqual(verdictOf({ data }, NOW), {
      level: 'unknown',
      title: 'No service is scraped',
      detail: 'Prometheus has no targets'
    })
  })

  it('is unknown until each service was scraped once', () => {
    const data = wellData({
      services: [
        { name: 'cart', state: 'up' },
        { name: 'orders', state: 'unknown' }
      ]
    })
    const { level, title, detail } = verdictOf({ data }, NOW)
    assert.deepEqual({ level, title }, { level: 'unknown', title: 'The first scrape is not over yet' })
    assert.match(detail, /^1 of 2 services up/)
  })

  it('names services that are down before anything else', () => {
    const services = ['a', 'b', 'c', 'd', 'e'].map(name => ({ name, state: 'down' as const }))
    const data = wellData({ services, alerts: [firing({ severity: 'page' })] })
    const { level, title } = verdictOf({ data }, NOW)
    assert.deepEqual({ level, title }, { level: 'bad', title: 'a, b, c, d and 1 more are down' })
  })

  it('names stores that do not answer', () => {
    const data = wellData({ stores: [{ service: 'cart', store: 'redis', state: 'down' }] })
    const { level, title } = verdictOf({ data }, NOW)
    assert.deepEqual({ level, title }, { level: 'bad', title: 'Redis of cart does not answer' })
  })

  it('counts the services of a store that is down if they are more than two', () => {
    const stores = ['a', 'b', 'c'].map(service => ({ service, store: 'mongodb', state: 'down' as const }))
    const titleOf = (count: number) => verdictOf({ data: wellData({ stores: stores.slice(0, count) }) }, NOW).title
    assert.equal(titleOf(2), 'MongoDB of a and b does not answer')
    assert.equal(titleOf(3), 'MongoDB of 3 services does not answer')
  })

  it('names each kind of store that is down', () => {
    const downOf = (store: string) => ({ service: 'a', store, state: 'down' as const })
    const data = wellData({ stores: [downOf('event-log'), downOf('mongodb')] })
    assert.equal(verdictOf({ data }, NOW).title, 'Event log of a and MongoDB of a do not answer')
  })

  it('counts stores that no service reports as unknown', () => {
    const stores = (['up', 'up', 'unknown'] as const).map(state => ({ service: 'cart', store: 'redis', state }))
    assert.match(verdictOf({ data: wellData({ stores }) }, NOW).detail, /2 of 3 stores up, 1 unknown/)
  })

  it('says the summary of the only page, even beside tickets', () => {
    const page = firing({ name: 'Slow', severity: 'page', summary: 'The gateway is slow' })
    const { level, title, detail } = verdictOf({ data: wellData({ alerts: [page, firing()] }) }, NOW)
    assert.deepEqual({ level, title }, { level: 'bad', title: 'The gateway is slow' })
    assert.match(detail, /2 alerts$/)
  })

  it('is a warning for tickets', () => {
    const alerts = [firing(), firing({ name: 'StoreFull' })]
    const { level, title } = verdictOf({ data: wellData({ alerts }) }, NOW)
    assert.deepEqual({ level, title }, { level: 'warning', title: '2 alerts: OutboxOld, StoreFull' })
  })

  it('ignores muted alerts, and counts them', () => {
    const verdict = verdictOf({ data: wellData({ alerts: [firing({ isMuted: true })] }) }, NOW)
    assert.equal(verdict.level, 'well')
    assert.match(verdict.detail, /no alerts · 1 muted$/)
  })

  it('warns if Alertmanager does not answer', () =>
    assert.equal(verdictOf({ data: wellData({ hasAlertmanager: false }) }, NOW).title, 'Alertmanager does not answer'))

  it('says only that all services are up if Prometheus has no alert rules', () => {
    const { level, title, detail } = verdictOf({ data: wellData({ rules: 0 }) }, NOW)
    assert.deepEqual({ level, title }, { level: 'well', title: 'All services are up' })
    assert.match(detail, /no alert rules$/)
  })
})
