import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { endAll, identityOf, isAlive, signal } from '../src/processes/processes.ts'

describe('processes', () => {
  const start = (code: string) =>
    spawn(process.execPath, ['-e', `${code}; setInterval(() => {}, 1000); console.log('up')`])

  it('never signals another process that reuses the pid', async () => {
    const child = start('')
    const identity = { ...identityOf('child', child.pid!), born: 'before the last boot' }
    assert.equal(isAlive(identity), false)
    assert.equal(signal(identity, 'SIGKILL'), false)
    assert.equal(isAlive(identityOf('child', child.pid!)), true)
    child.kill('SIGKILL')
    await once(child, 'exit')
  })

  it('ends a process that reacts to SIGTERM without killing it', async () => {
    const identity = identityOf('child', start('').pid!)
    assert.deepEqual(await endAll([identity], 5_000), [])
    assert.equal(isAlive(identity), false)
  })

  it('kills a process that does not end in time, and returns its name', async () => {
    const child = start("process.on('SIGTERM', () => {})")
    await once(child.stdout, 'data')
    assert.deepEqual(await endAll([identityOf('stubborn', child.pid!)], 100), ['stubborn'])
  })

  it('treats a process without a pid as ended', () => {
    assert.equal(isAlive(identityOf('not-started', 0)), false)
  })
})
