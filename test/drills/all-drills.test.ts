import assert from 'node:assert/strict'
import { join } from 'node:path'
import { readMonitoredServices } from '@bulkhead/monitoring/objectives/read-monitored-services'
import { alertsByGroup } from '@bulkhead/monitoring/rules/files'
import { allDrills } from './all-drills.ts'

const services = await readMonitoredServices(join(import.meta.dirname, '../..'))
const alerts = Object.values(alertsByGroup(services)).flat()
const severitiesOf = (name: string) => alerts.filter(alert => alert.name === name).map(({ severity }) => severity)

describe('the drills', () => {
  it('have unique names', () => {
    const names = new Set(allDrills.map(({ name }) => name))
    assert.equal(names.size, allDrills.length)
  })

  it('name services and alerts that exist, with their severities', () => {
    const names = services.map(({ name }) => name)
    for (const { name, services: tested, pages, possiblePages = [], tickets } of allDrills) {
      for (const service of [...tested, ...[...pages, ...possiblePages, ...tickets].map(each => each.service)])
        assert.ok(names.includes(service), `${name}: ${service}`)
      for (const { alert } of [...pages, ...possiblePages]) assert.ok(severitiesOf(alert).includes('page'), alert)
      for (const { alert } of tickets) assert.ok(severitiesOf(alert).includes('ticket'), alert)
    }
  })
})
