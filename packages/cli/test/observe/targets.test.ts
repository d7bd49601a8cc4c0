import assert from 'node:assert/strict'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type TargetGroup, targetsOf, writeTargets } from '../../src/observe/targets.ts'
import { runFile } from '../../src/runner/run.ts'
import { writeRunRecord } from '../../src/runner/run-record.ts'
import { readStack, type Stack } from '../../src/services/stack.ts'
import { fixtureRepository, writeTrivialService } from '../fixture.ts'

describe('the targets of Prometheus', () => {
  let stack: Stack
  let file: string
  beforeEach(() => {
    stack = readStack(fixtureRepository(), 7000)
    file = join(stack.folder, 'targets.json')
  })
  afterEach(() => rmSync(stack.root, { recursive: true }))

  // Its runner does not run, as if it was killed.
  const runWith = (...members: string[]) => {
    const runner = { name: 'runner', pid: 0, born: '' }
    writeRunRecord(runFile(stack), { runner, services: [], stores: [], members, chosen: [], state: 'ready' })
  }
  const targets = (): TargetGroup[] => JSON.parse(readFileSync(file, 'utf8'))
  const services = () => targets().map(({ labels }) => labels.service)

  it('are the management ports of services, with the labels of a cluster', () =>
    assert.deepEqual(targetsOf(stack.services.slice(0, 1)), [
      { targets: ['127.0.0.1:7101'], labels: { namespace: 'local', service: 'alpha' } }
    ]))

  it('follow the services of the run, even new ones, and stay while its runner is down', () => {
    runWith('alpha')
    writeTargets(stack, file)
    assert.deepEqual(services(), ['alpha'])
    writeTrivialService(stack.root, 'gamma', 3, 'none')
    runWith('gamma', 'alpha')
    writeTargets(stack, file)
    assert.deepEqual(services(), ['alpha', 'gamma'])
  })

  it('are none without a run', () => {
    writeTargets(stack, file)
    assert.deepEqual(services(), [])
  })

  it('are written only if they change', () => {
    runWith('alpha')
    writeTargets(stack, file)
    const { ino } = statSync(file)
    writeTargets(stack, file)
    assert.equal(statSync(file).ino, ino)
  })
})
