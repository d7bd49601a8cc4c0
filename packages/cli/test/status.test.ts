import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '@bulkhead/testing/until'
import { processorShares } from '../src/runner/processor-time.ts'
import type { StackStatus, Usage } from '../src/runner/status.ts'
import { testStack } from './test-stack.ts'

describe('bulkhead status', () => {
  const stack = testStack()
  const { run, ready } = stack

  async function status(...args: string[]): Promise<string> {
    const command = run('status', ...args)
    await command.ended
    return command.output()
  }

  it('shows the CPU and memory of the runner, the stores and the services, and their sum', async () => {
    await ready()
    const { runner, stores, services, sum } = JSON.parse(await status('--json')) as StackStatus
    const names = stores.map(({ name, health }) => [name, health]).sort()
    assert.deepEqual(names, [
      ['beta-redis', 'ready'],
      ['event-log', 'ready']
    ])
    const all: Usage[] = [runner!, ...stores, ...services]
    const bytes = all.map(({ memory }) => memory!.bytes)
    assert.ok(bytes.every(count => count > 100_000))
    assert.equal(
      sum.memory!.bytes,
      bytes.reduce((one, other) => one + other)
    )
    const shares = all.map(({ cpu }) => cpu!).reduce((one, other) => one + other)
    assert.ok(Math.abs(sum.cpu! - shares) < 1e-9)
  })

  for (const { signal, health } of [
    { signal: 'SIGSTOP', health: 'no answer' },
    { signal: 'SIGKILL', health: 'not running' }
  ] as const) {
    it(`exits with 1, and names the services of a store that got ${signal}`, async () => {
      const { runner, processes } = await ready()
      assert.equal(await run('status').ended, 0)
      // Else the runner starts the store again.
      process.kill(runner.pid, 'SIGSTOP')
      process.kill(processes.find(({ name }) => name === 'beta-redis')!.pid, signal)
      const command = run('status', '--json')
      const code = await command.ended
      const { stores } = JSON.parse(command.output()) as StackStatus
      const text = await status()
      process.kill(runner.pid, 'SIGCONT')
      assert.equal(code, 1)
      const beta = stores.find(({ name }) => name === 'beta-redis')!
      assert.deepEqual({ health: beta.health, services: beta.services }, { health, services: ['beta'] })
      assert.match(text, new RegExp(`^beta-redis: ${health}.*Used by beta$`, 'm'))
      assert.match(text, /^event-log +ready/m)
    })
  }

  it('shows the process of a killed runner whose service has no folder any more', async () => {
    const { runner } = await ready()
    process.kill(runner.pid, 'SIGKILL')
    await runner.ended
    rmSync(join(stack.root, 'services/alpha'), { recursive: true })
    const text = await status()
    assert.match(text, /^PROCESS +STATE +CPU +MEMORY$/m)
    assert.match(text, /^runner +not running +- +-$/m)
    assert.match(text, /^alpha +running +[\d.]+ % +[\d.]+ MiB/m)
    assert.match(text, /^all processes +[\d.]+ % +[\d.]+ MiB/m)
  })
})

describe('processorShares', () => {
  it('is higher for a busy process than for an idle one, and missing for one that has ended', async () => {
    const [busy, waiting] = ['for (;;);', 'setInterval(() => {}, 1e6)'].map(code =>
      spawn(process.execPath, ['-e', code])
    )
    const gone = spawn(process.execPath, ['-e', ''])
    try {
      await until(() => gone.exitCode !== null)
      let shares = new Map<number, number>()
      await until(async () => {
        shares = await processorShares([busy!.pid!, waiting!.pid!, gone.pid!], 100)
        return shares.get(waiting!.pid!) === 0
      })
      assert.ok(shares.get(busy!.pid!)! > 0)
      assert.equal(shares.has(gone.pid!), false)
    } finally {
      busy!.kill('SIGKILL')
      waiting!.kill('SIGKILL')
    }
  })
})
