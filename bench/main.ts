import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { table } from '../packages/cli/src/output/table.ts'
import { cart } from './figures/cart.ts'
import { catalog } from './figures/catalog.ts'
import { features } from './figures/features.ts'
import { gateway } from './figures/gateway.ts'
import { imports } from './figures/imports.ts'
import { orders } from './figures/orders.ts'
import { start } from './figures/start.ts'
import { machine } from './report/machine.ts'
import { reportOf, tableOf } from './report/page.ts'
import { type Result, type Results, readResults, writeResults } from './report/results.ts'
import type { Figure } from './report/rows.ts'
import { readSettings } from './settings.ts'
import { createTestbed, type Testbed } from './testbed/testbed.ts'

// `make bench`: measures every figure, or the one that ONLY names. Exits with 1 if a figure could not be measured.
const figures: Record<string, Figure> = { gateway, features, catalog, cart, orders, imports, start }

const root = join(import.meta.dirname, '..')
const { settings, isUsual } = readSettings(process.env)
const only = process.env.ONLY
let testbed: Testbed | undefined

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => void testbed?.clear().finally(() => process.exit(130)))
}

if (only && !figures[only]) {
  console.error(`bench: there is no figure "${only}". Choose one of ${Object.keys(figures).join(', ')}`)
  process.exit(2)
}
const measured: Results = {}
const failed: string[] = []
for (const [name, figure] of Object.entries(figures).filter(([name]) => !only || name === only)) {
  try {
    measured[name] = await measure(name, figure)
  } catch (error) {
    failed.push(name)
    console.error(`bench: could not measure ${name}:`, error)
  }
}
if (isUsual) keep(measured)
else console.log('\nResults are kept only with the default settings (bench/settings.ts)')
console.log(`\n${table(tableOf(Object.values(measured).flatMap(({ rows }) => rows)))}`)
if (failed.length > 0) console.error(`\nbench: not measured: ${failed.join(', ')}`)
rmSync(join(root, '.data/bench'), { recursive: true, force: true })
process.exit(failed.length > 0 ? 1 : 0)

async function measure(name: string, { title, run }: Figure): Promise<Result> {
  console.log(`\n${name}: ${title}`)
  const start = performance.now()
  testbed = createTestbed(root, name, line => console.log(`  ${line}`))
  try {
    const rows = await run(testbed, settings)
    const seconds = Math.round((performance.now() - start) / 1_000)
    return { date: new Date().toISOString().slice(0, 10), machine: machine(), seconds, rows }
  } finally {
    await testbed.clear()
  }
}

/** Adds the results to the file that also has the results of other figures from earlier runs. */
function keep(results: Results) {
  const all = { ...readResults(root), ...results }
  writeResults(root, all)
  writeFileSync(join(root, 'docs/performance.md'), reportOf(all))
}
