import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { findProgram, requireProgram } from '../src/processes/system-packages.ts'

describe('requireProgram', () => {
  it('fails with the command that installs a missing program', () => {
    assert.throws(() => requireProgram('redis-server', '/nowhere'), {
      message: /redis-server is not installed\. Install it: (sudo apt-get install -y redis-server|brew install redis)$/
    })
  })

  it('names the package of a program that has another name', () => {
    assert.throws(() => requireProgram('promtool', '/nowhere'), {
      message: /promtool is not installed\. Install it: (sudo apt-get install -y|brew install) prometheus$/
    })
  })

  it('finds a program on the PATH', () => {
    assert.equal(findProgram('node', `/nowhere:${dirname(process.execPath)}`), process.execPath)
  })
})
