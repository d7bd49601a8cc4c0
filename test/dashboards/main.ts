import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { until } from '@bulkhead/testing/until'
import { allDashboards } from '../../packages/monitoring/src/dashboards/all-dashboards.ts'
import { readServices } from '../../packages/monitoring/src/services/services.ts'
import { type Check, checksOf, type Trouble, troubleOf } from './checks.ts'
import { type Prometheus, startPrometheus } from './prometheus.ts'
import { report } from './report.ts'
import { runningStack } from './stack.ts'

// `make test-dashboards`: scrapes a stack with a real Prometheus while the smoke test and the tour run, and runs the query of every panel of
// every dashboard. It uses the stack that runs at PORT_BASE, or starts one and stops it afterwards. Exits with 1 if a query has no data,
// unless its panel gives a reason, and if more than a twentieth of the panels have such reasons.
const root = join(import.meta.dirname, '../..')
/** How long to wait until each query has data after the traffic (ms). A rule over a rule needs a few evaluations. */
const PATIENCE = 60_000
const TRAFFIC_LIMIT = 300_000
const run = promisify(execFile)
const say = (line: string) => console.log(line)

const stack = await runningStack(root, say)
let prometheus: Prometheus | undefined
let ended: Promise<void> | undefined
const end = () =>
  (ended ??= (async () => {
    await prometheus?.close()
    await stack.end()
  })())
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(name, () => void end().finally(() => process.exit(130)))

const checks = checksOf(allDashboards(readServices(root)))
let troubles: Map<Check, Trouble>
try {
  const start = Date.now() / 1_000
  prometheus = await startPrometheus(stack.targets, join(root, 'k8s/monitoring/rules'))
  await scrapedTwice(prometheus, stack.targets.length)
  say(`Prometheus scrapes ${stack.targets.length} services`)
  const products = 'services/catalog/sample/products.csv'
  await traffic('import', 'node', ['packages/cli/bin/bulkhead.js', 'import', 'products', products])
  await traffic('smoke', 'node', ['packages/cli/bin/bulkhead.js', 'smoke'])
  await traffic('tour', 'scripts/tour.sh', [])
  troubles = await troublesOf(checks, prometheus, start)
} finally {
  await end()
}
process.exit(report(checks, troubles, say) ? 0 : 1)

/** Resolves when each target was scraped twice, because a rate needs a point before the traffic. */
async function scrapedTwice({ query }: Prometheus, targets: number) {
  const scraped = async () => Number((await query('count(count_over_time(up[5m]) > 1)'))[0]?.value?.[1] ?? 0)
  await until(async () => (await scraped()) === targets)
}

async function traffic(name: string, command: string, args: string[]) {
  say(`traffic: ${name}`)
  await run(command, args, { cwd: root, timeout: TRAFFIC_LIMIT, env: process.env }).catch(error => {
    throw new Error(`${name} failed:\n${error.stdout}${error.stderr}`)
  })
}

/** Runs queries until each has data, and those that should have none once. Resolves with the troubles that are left. */
async function troublesOf(all: Check[], server: Prometheus, start: number): Promise<Map<Check, Trouble>> {
  const found = new Map<Check, Trouble>()
  const limit = Date.now() + PATIENCE
  let open = all
  do {
    for (const check of open) found.set(check, await troubleOf(check, server, start))
    open = open.filter(check => found.get(check) !== undefined && !check.panel?.noDataReason)
    if (open.length > 0) await delay(1_000)
  } while (open.length > 0 && Date.now() < limit)
  return found
}
