import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serviceEnvironment } from '../src/services/service-environment.ts'
import { parsePortBase, readStack, type Service } from '../src/services/stack.ts'
import { fixtureRepository } from './fixture.ts'

describe('readStack', () => {
  let root: string
  beforeEach(() => {
    root = fixtureRepository()
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  function changeEntry(change: (bulkhead: Record<string, unknown>) => void) {
    const file = join(root, 'services/beta/package.json')
    const manifest = JSON.parse(readFileSync(file, 'utf8'))
    change(manifest.bulkhead)
    writeFileSync(file, JSON.stringify(manifest))
  }

  it('computes the ports of a service from PORT_BASE and its offset', () => {
    const { services, eventLogPort } = readStack(root, 5000)
    assert.equal(eventLogPort, 5299)
    assert.deepEqual(services[1], {
      name: 'beta',
      version: '1.2.3',
      store: 'redis',
      state: 'cache',
      secrets: [],
      ports: { api: 5002, operations: 5102, store: 5202 }
    })
  })

  it('uses a separate folder for another PORT_BASE', () => {
    assert.equal(readStack(root, 4000).folder, join(root, '.data'))
    assert.equal(readStack(root, 5000).folder, join(root, '.data/5000'))
  })

  it('reports the package.json that has an invalid entry', () => {
    changeEntry(bulkhead => Object.assign(bulkhead, { store: 'sqlite' }))
    assert.throws(() => readStack(root, 4000), /services\/beta\/package\.json has no valid "bulkhead" entry/)
  })

  it('gives services the same value for a secret of the same name', () => {
    changeEntry(bulkhead => Object.assign(bulkhead, { secrets: ['SIGNING_SECRET', 'OTHER_SECRET'] }))
    const stack = readStack(root, 4000)
    const [alpha, beta] = stack.services as [Service, Service]
    const environment = (service: Service) => new Map(Object.entries(serviceEnvironment(stack, service, undefined)))
    const secret = environment(beta).get('SIGNING_SECRET')!
    assert.equal(Buffer.from(secret, 'base64url').length, 32)
    assert.notEqual(environment(beta).get('OTHER_SECRET'), secret)
    assert.equal(environment({ ...alpha, secrets: ['SIGNING_SECRET'] }).get('SIGNING_SECRET'), secret)
    assert.equal(environment(alpha).get('SIGNING_SECRET'), undefined)
  })

  it('refuses a PORT_BASE that gives a service a port that browsers refuse', () => {
    assert.throws(() => readStack(root, 5999), /alpha has the port 6000, which browsers refuse/)
    assert.throws(() => readStack(root, 4088), /beta has the port 4190, which browsers refuse/)
  })

  it('refuses two services with the same port', () => {
    changeEntry(bulkhead => Object.assign(bulkhead, { port: 1 }))
    assert.throws(() => readStack(root, 4000), /two services have the port of (alpha|beta)/)
  })
})

describe('parsePortBase', () => {
  it('is 4000 by default', () => {
    assert.equal(parsePortBase(undefined), 4000)
    assert.equal(parsePortBase(''), 4000)
    assert.equal(parsePortBase('7000'), 7000)
  })

  for (const text of ['abc', '80', '65500', '4000.5']) {
    it(`refuses "${text}"`, () => assert.throws(() => parsePortBase(text), /PORT_BASE is/))
  }
})
