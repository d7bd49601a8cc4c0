import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { endAll, identityOf, runs, signal } from '../src/processes.ts'

describe('processes', () => {
  const start = (code: string) =>
    spawn(process.execPath, ['-e', `${code}; setInterval(() => {}, 1000); console.log('up')`])

  it('never signals another process that was given the pid since', async () => {
    const child = start('')
    const identity = { ...identityOf('child', child.pid!), born: 'before the last boot' }
    assert.equal(runs(identity), false)
    assert.equal(signal(identity, 'SIGKILL'), false)
    assert.equal(runs(identityOf('child', child.pid!)), true)
    child.kill('SIGKILL')
    await once(child, 'exit')
  })

  it('ends a process, and says so of none', async () => {
    const identity = identityOf('child', start('').pid!)
    assert.deepEqual(await endAll([identity], 5_000), [])
    assert.equal(runs(identity), false)
  })

  it('kills one that does not end in time, and names it', async () => {
    const child = start("process.on('SIGTERM', () => {})")
    await once(child.stdout, 'data')
    assert.deepEqual(await endAll([identityOf('stubborn', child.pid!)], 100), ['stubborn'])
  })

  it('counts a process that nobody has waited for as gone', () => {
    assert.equal(runs(identityOf('nobody', 0)), false)
  })
})
