import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { until } from '@bulkhead/testing/until'
import { endAll } from '../packages/cli/src/processes/processes.ts'
import { processesOfRun, RUN_VARIABLE } from './run-processes.ts'

/** How long the start of the stores may take (ms), which is slow on a busy machine. */
const LIMIT = 150_000

describe('make test', function () {
  this.timeout(2 * LIMIT)
  const root = join(import.meta.dirname, '..')
  const run = randomUUID()

  // As in a terminal, the run gets its own process group. A Ctrl-C reaches that group, but not the stores, which have other groups.
  function start() {
    const env = { ...process.env, [RUN_VARIABLE]: run }
    const child = spawn('make', ['test', 'SERVICE=sandbox'], {
      cwd: root,
      env,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe']
    })
    return { pid: child.pid!, errors: text(child.stderr) }
  }

  const commandOf = (pid: number) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    } catch {
      return '' // the process has just ended
    }
  }

  for (const [what, signal, isGroup] of [
    ['a Ctrl-C', 'SIGINT', true],
    ['a SIGTERM', 'SIGTERM', true],
    ['a SIGTERM to make only', 'SIGTERM', false]
  ] as const) {
    it(`stops all processes that it started, including stores and workers, after ${what}`, async function () {
      if (process.platform !== 'linux') {
        console.log('Not tested: processes are found by /proc, which only Linux has.')
        return this.skip()
      }
      const { pid, errors } = start()
      const started = () => processesOfRun(run, pid)
      try {
        const isUp = (program: RegExp) => started().some(({ pid }) => program.test(commandOf(pid)))
        await until(() => isUp(/redis-server/) && isUp(/mongod|java/) && isUp(/mocha.*worker/), LIMIT)
        process.kill(isGroup ? -pid : pid, signal)
        await until(() => started().length === 0)
        assert.match(await errors, new RegExp(`tests: ${signal}, stopping all started processes`))
      } finally {
        await endAll(started())
      }
    })
  }
})
