import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { killAt, requestedFaults } from '../src/core/fault-injection.ts'
import { noFault } from '../src/core/fault-points.ts'
import { requestedFaults as refuseFaults } from '../src/core/refused-fault-injection.ts'

describe('killAt', () => {
  it('refuses an unknown fault point, and names the known ones', () => {
    for (const value of ['at-lunch', 'at-lunch:orders.insert:2', '', 'before-write:a:2:3'])
      assert.throws(() => killAt(value), /Unknown fault point .*\. Known: after-write-before-publish, /)
  })

  /**
   * Starts a process that passes its fault points in five turns. Resolves with the number of its completed turns, and its signal or exit
   * code.
   */
  async function turnsOf(KILL_AT: string) {
    const child = passes({ KILL_AT })
    let turns = 0
    child.on('message', () => turns++)
    const [code, signal] = await once(child, 'exit')
    return [turns, signal ?? code]
  }

  it('kills the process when it passes the fault point for the nth time', async () => {
    assert.deepEqual(await turnsOf('after-publish-before-mark:3'), [2, 'SIGKILL'])
  })

  it('counts only the writes that it names', async () => {
    assert.deepEqual(await turnsOf('before-write:4'), [1, 'SIGKILL'])
    assert.deepEqual(await turnsOf('before-write:orders.insert:4'), [3, 'SIGKILL'])
    assert.deepEqual(await turnsOf('before-write:orders.delete'), [5, 0])
  })
})

describe('requestedFaults', () => {
  it('does nothing if the settings request no fault', () => assert.equal(requestedFaults({}), noFault))

  it('stops the process until it gets SIGCONT', async () => {
    const child = passes({ STOP_AT: 'before-write:orders.update:2' })
    const turns: unknown[] = []
    child.on('message', turn => turns.push(turn))
    const ended = once(child, 'exit')
    await once(child, 'message')
    // SIGCONT is sent again and again, because it does nothing if it arrives before the stop.
    const going = setInterval(() => child.kill('SIGCONT'), 50)
    assert.deepEqual(await ended, [0, null])
    clearInterval(going)
    assert.equal(turns.length, 5)
  })
})

describe('requestedFaults in images', () => {
  it('does nothing if the settings request no fault', () => assert.equal(refuseFaults({ KILL_AT: '' }), noFault))

  it('names each setting that requests a fault', () =>
    assert.throws(() => refuseFaults({ KILL_AT: 'before-write', STOP_AT: 'after-write' }), {
      name: 'BadConfiguration',
      message: /^ {2}KILL_AT: this build has no fault points\..*\n {2}STOP_AT: this build has no fault points\./m
    }))
})

const passes = (environment: Record<string, string>): ChildProcess =>
  fork(join(import.meta.dirname, 'fixtures/passes.ts'), [], { execArgv: [], env: { ...process.env, ...environment } })
