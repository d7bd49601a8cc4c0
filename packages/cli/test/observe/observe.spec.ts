import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { ViewAnswer } from '@bulkhead/monitoring/view/view-data'
import { until } from '@bulkhead/testing/until'
import { isAlive } from '../../src/processes/processes.ts'
import { findProgram } from '../../src/processes/system-packages.ts'
import { readRunRecord } from '../../src/runner/run-record.ts'
import { testStack } from '../test-stack.ts'

const RULE = (alert: string) =>
  `groups: [{ name: test, rules: [{ alert: ${alert}, expr: vector(1), labels: { severity: page }, annotations: { summary: It burns } }] }]\n`

describe('bulkhead observe', () => {
  const stack = testStack()
  const { run, ready } = stack

  before(function () {
    const missing = ['prometheus', 'promtool', 'prometheus-alertmanager'].filter(name => !findProgram(name))
    if (missing.length === 0) return
    console.log(`Not tested: bulkhead observe, because this machine has no ${missing.join(', ')}`)
    this.skip()
  })

  const folder = () => join(stack.root, '.data', String(stack.portBase), 'observe')
  const processes = () => readRunRecord(join(folder(), 'run.json'))?.services ?? []
  async function view() {
    const answer = await fetch(`http://127.0.0.1:${stack.portBase + 292}/api/view`)
    const { data } = (await answer.json()) as ViewAnswer
    assert.ok(data)
    return data
  }
  const servicesUp = async () => {
    const { services } = await view()
    return services.flatMap(({ name, state }) => (state === 'up' ? [name] : [])).join()
  }
  async function said(...args: string[]) {
    const command = run(...args)
    await command.ended
    return command.output()
  }
  function writeRules(text: string) {
    mkdirSync(join(stack.root, 'k8s/monitoring/rules'), { recursive: true })
    writeFileSync(join(stack.root, 'k8s/monitoring/rules/test.yaml'), text)
  }

  it('scrapes every service of the stack in the background, until `bulkhead down`', async () => {
    await ready()
    const output = await said('observe', '--detach')
    const started = processes()
    assert.match(output, /Ready after .*Scraped every 5 s: alpha, beta\nThere are no alerts, because .* has no rules/s)
    assert.match(output, new RegExp(`operator's view  http://127\\.0\\.0\\.1:${stack.portBase + 292}/`))
    await until(async () => (await servicesUp()) === 'alpha,beta')
    const { panels } = await view()
    assert.deepEqual(
      Object.values(panels).flatMap(({ problem }) => problem ?? []),
      []
    )
    const status = await said('status')
    for (const name of ['observe', 'prometheus', 'alertmanager'])
      assert.match(status, new RegExp(`^${name} +running`, 'm'))
    assert.match(await said('observe'), /^It already runs/)
    assert.match(await said('reset'), /the stack is running/)
    assert.match(await said('down'), /^Stopped (prometheus, alertmanager|alertmanager, prometheus), (alpha|beta)/)
    assert.deepEqual(started.map(isAlive), [false, false])
    assert.match(await said('reset'), /^Deleted/)
  })

  it('shows alerts, follows services, restarts what ends, and ends all with Ctrl-C', async () => {
    writeRules(RULE('Burns'))
    await ready('--services', 'alpha')
    const observer = run('observe')
    await observer.says('Ready after')
    await until(async () => (await view()).alerts.some(({ summary }) => summary === 'It burns'))
    await said('up', '--services', 'beta')
    await until(async () => (await servicesUp()) === 'alpha,beta')
    process.kill(processes().find(({ name }) => name === 'prometheus')!.pid, 'SIGKILL')
    await observer.says('prometheus is down and restarts in 0.5 s: it was killed by SIGKILL')
    await observer.says('prometheus is ready again')
    writeRules(RULE('Smokes'))
    await observer.says('The rules have changed and are loaded again')
    writeRules('groups: [')
    await observer.says('The rules have changed, and the last ones stay: Prometheus cannot load the rules')
    const started = processes()
    process.kill(observer.pid, 'SIGINT')
    assert.equal(await observer.ended, 0)
    assert.deepEqual(started.map(isAlive), [false, false])
  })

  it('removes the targets of a stack that was stopped', async () => {
    const { runner } = await ready()
    const observer = run('observe')
    await observer.says('Ready after')
    process.kill(runner.pid, 'SIGINT')
    await runner.ended
    await until(() => readFileSync(join(folder(), 'targets.json'), 'utf8') === '[]\n')
  })

  it('fails if the stack does not run', async () =>
    assert.equal(
      await said('observe'),
      'Starting Prometheus, Alertmanager and the view\nbulkhead: the stack does not run. Start it first: make up DETACH=1\n'
    ))

  it('fails if the rules are invalid, names the place, and leaves nothing behind', async () => {
    writeRules(RULE('Burns').replace('vector(1)', 'sum('))
    await ready('--services', 'alpha')
    assert.match(await said('observe'), /Prometheus cannot load the rules in .*test\.yaml.*parse error/s)
    assert.deepEqual(processes(), [])
  })

  it('names the port in use and the process that uses it', async () => {
    await ready('--services', 'alpha')
    const holder = createServer().listen(stack.portBase + 291, '127.0.0.1')
    const output = await said('observe')
    holder.close()
    const line = `\\(pid ${process.pid}\\): ${stack.portBase + 291} \\(for Alertmanager\\)\n`
    assert.match(output, new RegExp(`ports that \`bulkhead observe\` needs are in use.*${line}`, 's'))
  })
})
