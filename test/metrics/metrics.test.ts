import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { metricsOf } from '@bulkhead/chassis/service'
import { until } from '@bulkhead/testing/until'
import { type Family, familiesOf } from './families.ts'
import { type RunningService, runningService } from './running-service.ts'

const root = join(import.meta.dirname, '../..')
const services = globSync('services/*', { cwd: root }).map(folder => basename(folder))

/** Metrics without a figure in this test, and why. */
const WITHOUT_FIGURE: Record<string, string> = {
  bulkhead_store_volume_bytes: 'the embedded MongoDB does not report it',
  bulkhead_store_volume_used_bytes: 'the embedded MongoDB does not report it',
  bulkhead_event_log_unread: 'no service subscribes to the stream',
  bulkhead_unknown_input_fields_total: 'the gateway has no operations of its own'
}

/** Returns the metrics that docs/metrics.md lists for a service. */
function documentedFor(service: string): string[] {
  const [common = '', ...own] = readFileSync(join(root, 'docs/metrics.md'), 'utf8').split('\n## Metrics of ').slice(1)
  const rows = (section: string) => [...section.matchAll(/^\| `(\w+)` +\|.* \| (.*?) +\|$/gm)]
  const shared = rows(common).filter(([, , having]) => having === 'all' || having!.split(', ').includes(service))
  const ownSection = own.find(section => section.startsWith(`${service}\n`)) ?? ''
  return [...shared, ...rows(ownSection)].map(([, name]) => name!).sort()
}

const isOfNode = (name: string) => /^(nodejs|process)_/.test(name)

/** Runs `promtool check metrics` on a scrape, without the metrics of Node, whose names it criticises. */
function check(text: string) {
  const own = text.split('\n\n').filter(family => !isOfNode(/^# HELP (\S+)/.exec(family)?.[1] ?? ''))
  return spawnSync('promtool', ['check', 'metrics'], { input: `${own.join('\n\n')}\n`, encoding: 'utf8' })
}

for (const name of services) {
  describe(`the metrics of ${name}`, function () {
    this.timeout(60_000)
    let service: RunningService
    let text: string
    let families: Map<string, Family>
    before(async () => {
      service = await runningService(name)
      text = await service.scrape()
      families = familiesOf(text)
    })
    after(() => service?.stop())

    it('are exactly those that docs/metrics.md lists', () => {
      const own = [...families.keys()].filter(metric => !isOfNode(metric))
      assert.deepEqual(own.sort(), documentedFor(name))
    })

    it('come to have a figure each', async () => {
      const isMissing = ([metric, { samples }]: [string, Family]) =>
        samples.size === 0 && !isOfNode(metric) && !(metric in WITHOUT_FIGURE)
      // Some are measured for the first time after the service is ready.
      await until(async () => [...familiesOf(await service.scrape())].filter(isMissing).length === 0)
    })

    it('begin at 0, if they are counters', () => {
      const counters = metricsOf(service.definition).filter(({ type }) => type === 'counter')
      for (const counter of counters) {
        const { samples } = families.get(counter.name)!
        assert.ok(samples.size > 0 || counter.name in WITHOUT_FIGURE, counter.name)
        for (const [sample, value] of samples) assert.equal(value, 0, sample)
      }
    })

    it('come to say that the stores are up', async () => {
      // The connection to the event log may be made after the service is ready.
      await until(async () => {
        const samples =
          familiesOf(await service.scrape())
            .get('bulkhead_store_up')
            ?.samples.values() ?? []
        return [...samples].every(value => value === 1)
      })
    })

    it('are accepted by promtool', function () {
      const { error, status, stdout, stderr } = check(text)
      if (error) {
        console.log('skipped: promtool is not on the PATH')
        return this.skip()
      }
      assert.equal(status, 0, stdout + stderr)
    })
  })
}
