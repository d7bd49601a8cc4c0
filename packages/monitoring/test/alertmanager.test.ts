import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '@bulkhead/testing/until'
import { parse } from 'yaml'
import { needProgram, ROOT, run } from './programs.ts'

type Labels = Record<string, string>
type Known = { labels: Labels; status: { state: string } }
type Inhibition = { source_matchers: string[]; target_matchers: string[] }

const FILE = 'k8s/monitoring/alertmanager.yaml'
const shop = (alertname: string, service: string, more: Labels = {}): Labels => ({
  alertname,
  namespace: 'shop',
  service,
  ...more
})
const fast = (service: string, window = '1h') =>
  shop('AvailabilityBudgetBurnsFast', service, { severity: 'page', objective: 'all', window })
const slowly = (service: string) =>
  shop('AvailabilityBudgetBurnsSlowly', service, { severity: 'ticket', objective: 'all', window: '1d' })
const storeDown = (service: string, store: string) => shop('StoreDown', service, { severity: 'ticket', store })

describe('the configuration of Alertmanager', () => {
  before(needProgram('amtool', 'prometheus-alertmanager'))

  it('is valid', async () => {
    assert.match(await run('amtool', 'check-config', FILE), /SUCCESS/)
  })

  for (const [receiver, labels] of [
    ['pager', 'alertname=OrdersStuck severity=page'],
    ['tickets', 'alertname=OutboxOld severity=ticket'],
    ['others', 'alertname=DiskFull severity=warning']
  ] as const) {
    it(`sends ${labels} to ${receiver}`, async () => {
      const output = await run('amtool', 'config', 'routes', 'test', `--config.file=${FILE}`, ...labels.split(' '))
      assert.equal(output.trim(), receiver)
    })
  }

  it('names only alerts that exist', () => {
    const { inhibit_rules } = parse(readFileSync(join(ROOT, FILE), 'utf8')) as { inhibit_rules: Inhibition[] }
    const rules = readFileSync(join(ROOT, 'k8s/monitoring/rules/alerts.yaml'), 'utf8')
    const matchers = inhibit_rules.flatMap(({ source_matchers, target_matchers }) => [
      ...source_matchers,
      ...target_matchers
    ])
    const names = matchers.flatMap(matcher => /^alertname=~?"(.*)"$/.exec(matcher)?.[1]?.split('|') ?? [])
    assert.ok(names.length > 10)
    for (const name of names) assert.ok(rules.includes(`- alert: ${name}\n`), name)
  })
})

describe('an Alertmanager with this configuration', () => {
  let folder: string
  let alertmanager: ChildProcess | undefined
  let url: string

  before(needProgram('prometheus-alertmanager', 'prometheus-alertmanager'))
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bulkhead-alertmanager-'))
    const options = ['--web.listen-address=127.0.0.1:0', '--cluster.listen-address=', `--storage.path=${folder}`]
    alertmanager = spawn('prometheus-alertmanager', [`--config.file=${FILE}`, ...options], { cwd: ROOT })
    let log = ''
    for (const output of [alertmanager.stdout, alertmanager.stderr]) output?.on('data', data => (log += data))
    url = (await until(() => log.match(/(?<=address=)127\.0\.0\.1:\d+/)))![0]
  })
  after(async () => {
    if (!alertmanager) return
    const ended = once(alertmanager, 'exit')
    alertmanager.kill()
    await ended
    rmSync(folder, { recursive: true })
  })

  /**
   * Sends alerts in a namespace of their own, and checks which of them nobody is told about. Waits for these, because Alertmanager learns of
   * the explaining alerts a moment later.
   */
  async function checkSilenced(namespace: string, alerts: Labels[], expected: Labels[]) {
    const body = JSON.stringify(alerts.map(labels => ({ labels: { ...labels, namespace } })))
    const headers = { 'Content-Type': 'application/json' }
    await fetch(`http://${url}/api/v2/alerts`, { method: 'POST', headers, body })
    let known: Known[] = []
    await until(async () => {
      const answer = await fetch(`http://${url}/api/v2/alerts?filter=namespace%3D%22${namespace}%22`)
      known = (await answer.json()) as Known[]
      const isSettled = known.length === alerts.length && known.every(({ status }) => status.state !== 'unprocessed')
      return isSettled && known.filter(isSuppressed).length >= expected.length
    })
    const silenced = known.filter(isSuppressed).map(({ labels }) => ({ ...labels, namespace: 'shop' }))
    assert.deepEqual(inOrder(silenced), inOrder(expected))
  }

  const isSuppressed = ({ status }: Known) => status.state === 'suppressed'
  const nameOf = ({ alertname, service, window = '' }: Labels) => `${alertname} ${service} ${window}`
  const inOrder = (alerts: Labels[]) => [...alerts].sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))

  it('tells once about a budget that burns, and not also about the longer windows', async () => {
    const longer = [fast('orders', '6h'), slowly('orders')]
    await checkSilenced('windows', [fast('orders'), ...longer, slowly('cart')], longer)
  })

  it('leaves out the page of the gateway if a service behind it pages', async () => {
    await checkSilenced('behind', [fast('gateway'), fast('orders')], [fast('gateway')])
    await checkSilenced('alone', [fast('gateway'), slowly('orders')], [])
  })

  it('leaves out the tickets that a store of the same service explains, and never a page', async () => {
    const [old, other] = [shop('OutboxOld', 'orders'), shop('OutboxOld', 'payments')]
    await checkSilenced('store', [storeDown('orders', 'mongodb'), old, other, fast('orders')], [old])
  })

  it('leaves out the tickets about events of every service if the event log is down', async () => {
    const [lag, letters] = [shop('EventLagGrowing', 'cart'), shop('DeadLetters', 'cart')]
    await checkSilenced('log', [storeDown('orders', 'event-log'), lag, letters], [lag])
  })

  it('leaves out what follows from a service that restarts again and again', async () => {
    const following = [
      shop('TargetDown', 'orders'),
      shop('ReplicasMissing', 'orders'),
      shop('ObjectiveWithoutData', 'orders')
    ]
    await checkSilenced('restarts', [shop('RestartLoop', 'orders'), ...following], following)
  })
})
