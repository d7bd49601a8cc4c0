import assert from 'node:assert/strict'
import { allFaults } from './all-faults.ts'
import { coverage, unreachedOf } from './coverage.ts'
import { pairs } from './kinds/points.ts'
import type { Result } from './storm.ts'

const nothing = { what: '', orders: 0, findings: [], seconds: 0, parts: '' }
const fault = { name: 'b dies', section: 'kills of b', points: ['b before-x', 'b after-x'], run: async () => nothing }

describe('the coverage of faults', () => {
  it('shows for each named point if it was reached', () => {
    const results: Result[] = [{ ...nothing, fault, unreached: ['b after-x'] }]
    assert.deepEqual(coverage(results), ['✔ reached      kills  b before-x', '✘ not reached  kills  b after-x'])
    assert.deepEqual(unreachedOf(results), ['b after-x'])
  })

  it('has each fault and each point for kills once', () => {
    const names = allFaults.map(({ name }) => name)
    const points = pairs.flatMap(({ service, points }) => points.map(point => `${service} ${point}`))
    for (const all of [names, points]) assert.equal(new Set(all).size, all.length)
  })

  it('keeps the faults of a section together, because background work is audited at the end of a section', () => {
    const sections = allFaults.map(({ section }) => section)
    const begun = sections.filter((section, place) => section !== sections[place - 1])
    assert.equal(new Set(begun).size, begun.length)
  })
})
