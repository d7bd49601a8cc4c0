import { join } from 'node:path'
import { findProgram } from '../../packages/cli/src/processes/system-packages.ts'
import { only } from '../only.ts'
import { allFaults } from './all-faults.ts'
import { coverage, unreachedOf } from './coverage.ts'
import { type Result, runFault, summaryOfStates } from './storm.ts'
import { openShop, shopOptionsOf } from './testbed/shop.ts'
import { startTestbed } from './testbed/testbed.ts'

// `make faults`: runs the faults of all-faults.ts one after another on one stack. ONLY=text runs those whose name contains the text, or one
// of several texts with | between them. Exits with 1 if the audit finds a mistake, or if a named point was not reached.
const root = join(import.meta.dirname, '../..')
const portBase = Number(process.env.FAULTS_PORT_BASE ?? 16_000)
const asked = only(allFaults)
const faults = findProgram('faketime') ? asked : asked.filter(({ isOfClock }) => !isOfClock)
const started = performance.now()
const say = (line: string) => console.log(line)

if (faults.length === 0) {
  console.error(`faults: no fault has "${process.env.ONLY}" in its name`)
  process.exit(2)
}
say(`${faults.length} faults`)
if (faults.length < asked.length)
  say(
    `Not tested, because faketime is not installed (sudo apt-get install -y faketime): ${asked
      .filter(({ isOfClock }) => isOfClock)
      .map(({ name }) => name)
      .join('; ')}`
  )
const testbed = await startTestbed(root, portBase, say)
let ended: Promise<void> | undefined
const end = () => (ended ??= testbed.close())
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(name, () => void end().finally(() => process.exit(130)))

const results: Result[] = []
let ends = ''
try {
  const shop = await openShop(await shopOptionsOf(testbed))
  for (const [place, fault] of faults.entries()) {
    const isLast = faults[place + 1]?.section !== fault.section
    const result = await runFault(fault, testbed, shop, isLast)
    results.push(result)
    const { what, orders, seconds, parts, findings } = result
    say(
      `${findings.length > 0 || unreachedOf([result]).length > 0 ? '✘' : '✔'} ${place + 1}/${faults.length} ${fault.name}: ${what}; ${orders} orders, ${seconds} s (${parts})`
    )
    for (const finding of findings) say(`    ${finding}`)
    if (findings.length > 0) break // the mistake would stay in the books
  }
  ends = summaryOfStates(await shop.books())
} finally {
  await end()
}

const orders = results.reduce((sum, result) => sum + result.orders, 0)
const unreached = unreachedOf(results)
const findings = results.reduce((sum, result) => sum + result.findings.length, 0)
const points = coverage(results)
if (points.length > 0) say(`\nNamed points:\n${points.join('\n')}`)
say(
  `\n${results.length} of ${faults.length} faults, ${points.length - unreached.length} of ${points.length} points reached`
)
say(`${orders} orders: ${ends}`)
say(`${findings} findings of the audit, in ${Math.round((performance.now() - started) / 1_000)} s`)
if (unreached.length > 0) say(`Not reached: ${unreached.join('; ')}`)
process.exit(findings > 0 || unreached.length > 0 || results.length < faults.length ? 1 : 0)
