import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { until } from '@bulkhead/testing/until'
import { isAlive } from '../src/processes/processes.ts'
import type { StackStatus } from '../src/runner/status.ts'
import { writeService } from './fixture.ts'
import { testStack } from './test-stack.ts'

describe('bulkhead up', () => {
  const stack = testStack()
  const { run, ready, word } = stack

  it('serves every service, shows warnings, and leaves no process after Ctrl-C', async () => {
    const { runner, processes } = await ready()
    assert.deepEqual([await word(1), await word(2)], ['alpha', 'beta'])
    await runner.says('alpha | WARN serving alpha')
    assert.deepEqual(processes.map(({ name }) => name).sort(), ['alpha', 'beta', 'beta-redis', 'event-log'])
    process.kill(runner.pid, 'SIGINT')
    assert.equal(await runner.ended, 0)
    assert.deepEqual(processes.filter(isAlive), [])
    assert.equal(existsSync(join(stack.root, '.data', String(stack.portBase), 'run.json')), false)
  })

  it('plays shoppers beside the stack with --load, shows them in `status`, and ends them', async () => {
    const { runner } = await ready('--load')
    await runner.says('load is ready')
    const status = run('status', '--json')
    await status.ended
    const { tools } = JSON.parse(status.output()) as StackStatus
    assert.deepEqual(
      tools.map(({ name, health }) => ({ name, health })),
      [{ name: 'load', health: 'running' }]
    )
    const seen = stack.noteProcesses()
    assert.equal(await run('down').ended, 0)
    assert.equal(await runner.ended, 0)
    assert.match(runner.output(), /^Stopped .*load/m)
    assert.deepEqual(seen.filter(isAlive), [])
  })

  it('restarts only the service whose file changed', async () => {
    const { runner, processes } = await ready()
    writeService(stack.root, 'alpha', { 'word.ts': "export const word = 'gamma'\n" })
    await runner.says('alpha is ready again')
    // If the watch sees a half-written file, the service is built and started twice.
    await until(async () => (await word(1).catch(() => '')) === 'gamma')
    const [alpha, ...others] = processes.toSorted((one, other) => one.name.localeCompare(other.name))
    assert.equal(isAlive(alpha!), false)
    assert.deepEqual(others.map(isAlive), [true, true, true])
  })

  it('shows the error if a service does not build, and keeps its old version running', async () => {
    const { runner } = await ready()
    writeService(stack.root, 'alpha', { 'word.ts': 'export const word =' })
    await runner.says('alpha does not build')
    assert.match(runner.output(), /services\/alpha\/src\/word\.ts:1:19/)
    assert.equal(await word(1), 'alpha')
    writeService(stack.root, 'alpha', { 'word.ts': "export const word = 'alpha'\n" })
    await runner.says('alpha builds again')
  })

  it('does not start if a service does not build, and prints the place of the error', async () => {
    writeService(stack.root, 'alpha', {
      'service.ts': "import './word.ts'\nexport const service = {}\n",
      'word.ts': 'export const word ='
    })
    const runner = run('up')
    assert.equal(await runner.ended, 1)
    assert.match(runner.output(), /alpha does not build, so the stack does not start:/)
    assert.match(runner.output(), /services\/alpha\/src\/word\.ts:1:19/)
  })

  it('updates the contract of a service when its sources change', async () => {
    const contractSource = (handles: string[]) => {
      const contract = {
        digest: 'sha256:0',
        owner: { service: 'alpha', version: '1.0.0' },
        provides: { openapi: { info: {}, paths: {}, components: {} }, callers: [], events: [] },
        needs: {},
        handles
      }
      return `export const service = ${JSON.stringify({ contract })}\n`
    }
    const handles = () => JSON.parse(readFileSync(join(stack.root, 'services/alpha/contract.json'), 'utf8')).handles
    writeService(stack.root, 'alpha', {
      'service.ts': contractSource([]),
      'word.ts': "import { service } from './service.ts'\nexport const word = service.contract.handles.join()\n"
    })
    const { runner } = await ready()
    assert.deepEqual(handles(), [])
    writeService(stack.root, 'alpha', { 'service.ts': contractSource(['beta.thing.made']) })
    await runner.says('alpha is ready again')
    assert.equal(await word(1), 'beta.thing.made')
    await until(() => handles().includes('beta.thing.made'))
    writeService(stack.root, 'alpha', { 'service.ts': "throw new Error('not yet')\nexport const service = {}\n" })
    await runner.says('cannot generate the contract of alpha. Error: not yet')
  })

  for (const name of ['beta', 'beta-redis']) {
    it(`restarts ${name} if it was killed, and prints that`, async () => {
      const { runner, processes } = await ready()
      process.kill(processes.find(identity => identity.name === name)!.pid, 'SIGKILL')
      await runner.says(`${name} is down and restarts in 0.5 s: it was killed by SIGKILL\n`)
      await runner.says(`${name} is ready again`)
    })
  }

  it('stops the processes that a killed runner left behind', async () => {
    const { runner, processes } = await ready()
    process.kill(runner.pid, 'SIGKILL')
    await runner.ended
    assert.deepEqual(processes.map(isAlive), [true, true, true, true])
    const status = run('status')
    await status.ended
    assert.match(status.output(), /The runner has ended, but 4 processes still run\. `make up` .*`make down`/)
    const { runner: next } = await ready()
    assert.match(next.output(), /Stopped processes that an earlier run left behind/)
    assert.deepEqual(processes.filter(isAlive), [])
  })

  it('lets `bulkhead down` stop the processes that a killed runner left behind', async () => {
    const { runner, processes } = await ready()
    process.kill(runner.pid, 'SIGKILL')
    await runner.ended
    const reset = run('reset')
    assert.equal(await reset.ended, 1)
    assert.match(reset.output(), /the stack is running/)
    assert.ok(processes.some(isAlive))
    const down = run('down')
    assert.equal(await down.ended, 0)
    assert.match(down.output(), /^Stopped alpha, beta, /)
    assert.deepEqual(processes.filter(isAlive), [])
  })

  it('refuses a second runner of the same stack', async () => {
    const { runner } = await ready()
    const second = run('up')
    assert.equal(await second.ended, 1)
    assert.match(second.output(), new RegExp(`already runs \\(runner pid ${runner.pid}\\)`))
  })

  it('names each port in use and the process that uses it', async () => {
    const holders = [1, 102].map(offset => createServer().listen(stack.portBase + offset, '127.0.0.1'))
    const runner = run('up')
    assert.equal(await runner.ended, 1)
    for (const holder of holders) holder.close()
    const ports = `${stack.portBase + 1} \\(for alpha\\), ${stack.portBase + 102} \\(for beta's management\\)`
    assert.match(runner.output(), new RegExp(`PORT_BASE=\\d+ make up\n  .+ \\(pid ${process.pid}\\): ${ports}\n`))
  })

  it('suggests `make reset` if a store cannot read its data', async () => {
    const folder = join(stack.root, '.data', String(stack.portBase), 'stores/event-log/appendonlydir')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'appendonly.aof.manifest'), 'of another release\n')
    const runner = run('up')
    assert.equal(await runner.ended, 1)
    assert.match(runner.output(), /event-log does not start: it ended with .*`make reset` deletes all data/s)
  })

  it('shows only the errors in the log of a service that ends', async () => {
    const log = (level: number, msg: string) => `console.log(JSON.stringify({ level: ${level}, msg: '${msg}' }))\n`
    const { runner } = await ready()
    const code = `${log(50, 'no disk')}${log(30, 'GET /').repeat(20)}process.exit(3)\n`
    writeService(stack.root, 'alpha', { 'main.ts': code })
    await runner.says('alpha does not start: it ended with exit code 3')
    assert.match(runner.output(), /exit code 3\. The end of .*alpha\.log:\n {2}alpha \| ERROR no disk\n(?! )/)
  })

  it('shows the last log lines of a service that ends while it starts, and leaves no process', async () => {
    writeService(stack.root, 'alpha', { 'main.ts': "throw new Error('no such setting')\n" })
    const runner = run('up')
    assert.equal(await runner.ended, 1)
    assert.match(
      runner.output(),
      /alpha does not start: it ended with exit code 1\. .*Error: no such setting\n.*services\/alpha\/src\/main\.ts:1:7/s
    )
    assert.match(runner.output(), /Stopped (beta, )?event-log/)
  })

  it('runs in the background with --detach until `bulkhead down`', async () => {
    const detached = run('up', '--detach')
    assert.equal(await detached.ended, 0, detached.output())
    assert.match(detached.output(), /Ready after/)
    const seen = stack.noteProcesses()
    const log = () => readFileSync(join(stack.root, '.data', String(stack.portBase), 'up.log'), 'utf8')
    const before = log()
    const second = run('up', '--detach')
    assert.equal(await second.ended, 1)
    assert.match(second.output(), /already runs/)
    assert.ok(log().startsWith(before))
    const status = run('status', '--json')
    assert.equal(await status.ended, 0)
    const { services } = JSON.parse(status.output())
    assert.deepEqual([services[0].service, services[0].version, services[0].health], ['alpha', '1.2.3', 'ready'])
    assert.equal(services[0].management, `http://127.0.0.1:${stack.portBase + 101}`)
    assert.ok(services[0].memory.bytes > 1_000_000)
    const reset = run('reset')
    assert.equal(await reset.ended, 1)
    assert.match(reset.output(), /the stack is running/)
    assert.equal(statSync(join(stack.root, '.data', String(stack.portBase))).mode & 0o777, 0o700)
    const down = run('down')
    assert.equal(await down.ended, 0)
    await until(() => !seen.some(isAlive))
    assert.equal(await run('reset').ended, 0)
    assert.ok(!existsSync(join(stack.root, '.data', String(stack.portBase))))
  })
})
