import assert from 'node:assert/strict'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '@bulkhead/testing/until'
import { Redis } from 'ioredis'
import { eventLogUrl } from '../src/event-log/event-log.ts'
import { isAlive } from '../src/processes/processes.ts'
import { askedServices } from '../src/runner/asked-services.ts'
import { readStack } from '../src/services/stack.ts'
import { writeService, writeTrivialService } from './fixture.ts'
import { testStack } from './test-stack.ts'

/** A module that has the system refuse every watch, as Linux does at fs.inotify.max_user_watches. */
const NO_WATCHES = `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
fs.watch = () => { throw new Error('no watch is left') }
syncBuiltinESMExports()`

describe('the services of a stack that runs', () => {
  const stack = testStack()
  const { run, ready, word } = stack

  async function said(...args: string[]) {
    const command = run(...args)
    const code = await command.ended
    return { code, text: command.output() }
  }

  const processNames = () => stack.noteProcesses().map(({ name }) => name)
  const status = async () => JSON.parse((await said('status', '--json')).text)

  it('are only the named services, with their stores', async () => {
    const { runner, processes } = await ready('--services', 'alpha')
    assert.match(runner.output(), /^Starting alpha \(named\)\. Left out: beta$/m)
    assert.deepEqual(processes.map(({ name }) => name).sort(), ['alpha', 'event-log'])
    assert.deepEqual((await status()).leftOut, ['beta'])
    const { code, text } = await said('status')
    assert.equal(code, 0)
    assert.match(text, /^Left out: beta\. Add them: make up SERVICES=beta$/m)
    const imported = await said('import', 'products', 'any.csv')
    assert.deepEqual(imported.code, 1)
    assert.match(
      imported.text,
      /the stack runs without catalog, which takes product files\. Add it: make up SERVICES=catalog/
    )
  })

  it('keep running when the user adds more services', async () => {
    const { runner, processes } = await ready('--services', 'alpha')
    const { code, text } = await said('up', '--services', 'beta')
    assert.equal(code, 0, text)
    assert.match(
      text,
      /^Adding beta to the running stack\. Then it has alpha \(named\), beta \(named\)\. No service is left out$/m
    )
    assert.equal(await word(2), 'beta')
    await runner.says('beta joined the stack')
    assert.deepEqual(processNames().sort(), ['alpha', 'beta', 'beta-redis', 'event-log'])
    assert.deepEqual(processes.map(isAlive), [true, true])
    const again = await said('up', '--services', 'beta')
    assert.match(again.text, /^The stack already runs with beta: nothing to add$/m)
    process.kill(runner.pid, 'SIGINT')
    assert.equal(await runner.ended, 0)
    assert.match(runner.output(), /Stopped alpha, beta, event-log, beta-redis/)
  })

  it('include a new service after its folder is created, with access to the event log', async () => {
    const { processes } = await ready('--services', 'alpha')
    writeTrivialService(stack.root, 'gamma', 3, 'redis')
    await until(async () => (await word(3).catch(() => '')) === 'gamma')
    assert.deepEqual(processNames().sort(), ['alpha', 'event-log', 'gamma', 'gamma-redis'])
    const { services, leftOut } = await status()
    assert.deepEqual({ leftOut, last: services.at(-1).service }, { leftOut: ['beta'], last: 'gamma' })
    const redis = new Redis(eventLogUrl(readStack(stack.root, stack.portBase), 'gamma'))
    assert.ok(await redis.xadd('events.gamma', '*', 'event', '{}'))
    redis.disconnect()
    assert.deepEqual(processes.map(isAlive), [true, true])
  })

  it('include a new service that at first did not build or start', async () => {
    const { runner } = await ready()
    writeService(stack.root, 'gamma', { 'main.ts': 'import ./' })
    writeFileSync(join(stack.root, 'services/gamma/package.json'), '{')
    await runner.says('The running services do not change: ')
    const bulkhead = { port: 3, store: 'none', state: 'none' }
    const manifest = { name: '@bulkhead/gamma', version: '1.0.0', type: 'module', bulkhead }
    writeFileSync(join(stack.root, 'services/gamma/package.json'), JSON.stringify(manifest))
    await runner.says('gamma does not build, so it does not start')
    writeService(stack.root, 'gamma', { 'main.ts': "throw new Error('not yet')\n" })
    await runner.says('gamma does not start: it ended with exit code 1')
    writeTrivialService(stack.root, 'gamma', 3, 'none')
    await runner.says('gamma joined the stack')
    // If the watch sees a half-written file, the service is built and started twice.
    await until(async () => (await word(3).catch(() => '')) === 'gamma')
  })

  it('do not include a service after its folder is removed', async () => {
    const { runner, processes } = await ready()
    rmSync(join(stack.root, 'services/beta'), { recursive: true })
    await runner.says('beta is stopped: its folder was removed')
    await until(() => !processes.some(process => process.name.startsWith('beta') && isAlive(process)))
    const { services, stores, withoutFolder } = await status()
    assert.deepEqual(
      services.map(({ service }: { service: string }) => service),
      ['alpha']
    )
    assert.deepEqual(
      { stores: stores.map(({ name }: { name: string }) => name), withoutFolder },
      { stores: ['event-log'], withoutFolder: [] }
    )
    assert.equal(await word(1), 'alpha')
  })

  it('include a service again after its folder is moved away and back', async () => {
    const { runner } = await ready()
    const [folder, aside] = [join(stack.root, 'services/beta'), join(stack.root, 'beta')]
    renameSync(folder, aside)
    await runner.says('beta is stopped: its folder was removed')
    renameSync(aside, folder)
    await runner.says('beta joined the stack')
    assert.equal(await word(2), 'beta')
    assert.deepEqual(processNames().sort(), ['alpha', 'beta', 'beta-redis', 'event-log'])
  })

  it('are the same again when the folder of one that does not run was away for a moment', async () => {
    const { runner } = await ready('--services', 'alpha')
    const [folder, aside] = [join(stack.root, 'services/beta'), join(stack.root, 'beta')]
    renameSync(folder, aside)
    writeService(stack.root, 'alpha', { 'word.ts': "export const word = 'other'\n" })
    await runner.says('alpha is ready again')
    renameSync(aside, folder)
    writeTrivialService(stack.root, 'gamma', 3, 'none')
    await runner.says('gamma joined the stack')
    assert.deepEqual(processNames().sort(), ['alpha', 'event-log', 'gamma'])
  })

  it('still have an asked one whose folder was away while another one was made', async () => {
    const { runner } = await ready('--services', 'alpha,beta')
    const [folder, aside] = [join(stack.root, 'services/beta'), join(stack.root, 'beta')]
    renameSync(folder, aside)
    await runner.says('beta is stopped: its folder was removed')
    writeTrivialService(stack.root, 'gamma', 3, 'none')
    await runner.says('gamma joined the stack')
    assert.deepEqual(askedServices(readStack(stack.root, stack.portBase)), ['alpha', 'beta', 'gamma'])
    renameSync(aside, folder)
    await runner.says('beta joined the stack')
  })

  it('do not have one that left before it was ready', async () => {
    const { runner } = await ready()
    writeTrivialService(stack.root, 'gamma', 3, 'none')
    writeService(stack.root, 'gamma', { 'main.ts': "throw new Error('not yet')\n" })
    await runner.says('gamma does not start: it ended with exit code 1')
    rmSync(join(stack.root, 'services/gamma'), { recursive: true })
    await runner.says('gamma is stopped: its folder was removed')
    writeTrivialService(stack.root, 'gamma', 3, 'none')
    await runner.says('gamma joined the stack')
    assert.equal(await word(3), 'gamma')
    assert.equal(runner.output().split('gamma joined the stack').length, 2)
  })

  it('leave no store running when they cannot join', async () => {
    writeTrivialService(stack.root, 'gamma', 3, 'redis')
    const data = join(stack.root, '.data', String(stack.portBase), 'stores/gamma.redis')
    mkdirSync(data, { recursive: true })
    writeFileSync(join(data, 'dump.rdb'), 'of another release')
    const { runner } = await ready('--services', 'alpha')
    run('up', '--services', 'beta,gamma')
    await runner.says('beta, gamma cannot join: gamma-redis does not start')
    await until(() => !processNames().some(name => name.endsWith('-redis')))
  })

  for (const part of [['--services', 'alpha'], []])
    it(`take up named ones where the system watches no sources, ${part.length > 0 ? 'beside a part' : 'beside all'}`, async () => {
      process.env.NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(NO_WATCHES)}`
      const starting = ready(...part)
      delete process.env.NODE_OPTIONS
      const { runner } = await starting
      assert.match(runner.output(), /Sources are not watched: no watch is left/)
      writeTrivialService(stack.root, 'gamma', 3, 'none')
      const { code, text } = await said('up', '--services', 'gamma')
      assert.equal(code, 0, text)
      await runner.says('gamma joined the stack')
    })
})
