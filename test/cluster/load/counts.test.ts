import { equal, match } from 'node:assert/strict'
import { sumOf } from './pod-metrics.ts'
import { type Reading, retriesIn } from './retries.ts'
import { fairness } from './shares.ts'

const METRICS = `# HELP retries_total Attempts after the first
# TYPE retries_total counter
retries_total{target="cart",operation="getCart"} 3
retries_total{target="cart",operation="addLine"} 4
retries_total_of_others{target="cart",operation="addLine"} 50
plain 7
`

describe('the metrics of pods', () => {
  it('are summed over all lines with the labels', () => {
    equal(sumOf(METRICS, 'retries_total'), 7)
    equal(sumOf(METRICS, 'retries_total', { operation: 'addLine' }), 4)
    equal(sumOf(METRICS, 'plain'), 7)
    equal(sumOf(METRICS, 'none'), 0)
  })

  const reading = (counts: Record<string, [service: string, count: number | undefined]>): Reading =>
    new Map(Object.entries(counts).map(([identity, [service, count]]) => [identity, { service, count }]))

  it('include pods that existed only between two readings', () => {
    const first = reading({ g1: ['gateway', 10], c1: ['cart', 5] })
    const between = reading({ g2: ['gateway', 2] })
    const last = reading({ g3: ['gateway', 1], c1: ['cart', 9] })
    match(retriesIn([first, between, last]), /^retries: 3 of the gateway, 4 of other services/)
  })

  it('are unknown if a pod could not be asked', () => {
    const first = reading({ g1: ['gateway', 10], c1: ['cart', undefined] })
    match(retriesIn([first, reading({ g1: ['gateway', undefined], c1: ['cart', 3] })]), /: unknown .*, unknown of/)
    match(retriesIn([first, reading({ g1: ['gateway', 10] })]), /: 0 of the gateway, unknown of/)
  })
})

describe('the share of a load that a pod gets', () => {
  it('is 1 for a fair share, and counts only requests between the two readings', () => {
    const before = new Map([
      ['one', 1_000],
      ['two', 900]
    ])
    const after = new Map([
      ['one', 1_100],
      ['two', 1_000],
      ['new', 100]
    ])
    equal(fairness(before, after, 'new'), 1)
    equal(fairness(before, new Map([...after, ['new', 0]]), 'new'), 0)
    equal(fairness(after, after, 'new'), 0)
  })
})
