import { join } from 'node:path'
import { startDaemon } from '../../packages/cli/src/processes/daemon.ts'
import { endAll, type Identity, signal } from '../../packages/cli/src/processes/processes.ts'
import { findProgram } from '../../packages/cli/src/processes/system-packages.ts'
import { openShop, shopOptionsOf } from '../faults/testbed/shop.ts'
import { ORDER_SERVICES, startTestbed } from '../faults/testbed/testbed.ts'
import { only } from '../only.ts'
import { allDrills } from './all-drills.ts'
import type { Setting } from './drill.ts'
import { startGuardian } from './guardian/guard.ts'
import { NOT_RUN } from './not-run.ts'
import { FASTER, PROMISED_SECONDS } from './runner/observer.ts'
import { failed, type Result, runDrill } from './runner/run-drill.ts'
import { summary } from './runner/summary.ts'

// `make drills`: runs the drills of all-drills.ts one after another on a stack of their own, with a real Prometheus and Alertmanager.
// ONLY=text runs those whose name contains the text, or one of several texts with | between them. Exits with 1 if anything was not as
// declared.
/** Unpaid orders expire soon, because a shopper who gets no answer leaves, and the audit waits until no order is open. */
const ENVIRONMENT = { ORDER_MINUTES: '1' }

const root = join(import.meta.dirname, '../..')
const portBase = Number(process.env.DRILLS_PORT_BASE ?? 18_000)
const folder = join(root, '.data/drills', String(portBase))
const say = (line: string) => console.log(line)
const asked = only(allDrills)
const drills = findProgram('faketime') ? asked : asked.filter(({ isOfClock }) => !isOfClock)

if (drills.length === 0) {
  console.error(`drills: no drill has "${process.env.ONLY}" in its name`)
  process.exit(2)
}
say(`${drills.length} drills`)
say(
  `All times in the rules are divided by ${FASTER}, so that alerts fire after seconds. Their expressions are the same.`
)
say(`Each objective promises answers within ${PROMISED_SECONDS} s, because the whole stack runs on this machine.`)
for (const { name, reason } of NOT_RUN) say(`Not run: ${name}, because ${reason}`)
for (const { name } of asked.filter(drill => !drills.includes(drill)))
  say(`Not run: ${name}, because faketime is not installed (sudo apt-get install -y faketime)`)

const guard = startGuardian(folder)
const processes: Identity[] = []
const started = (identity: Identity) => {
  processes.push(identity)
  guard.watch(identity)
}
const testbed = await startTestbed(root, portBase, say, {
  names: [...ORDER_SERVICES, 'cart'],
  folder,
  environment: ENVIRONMENT,
  started
})
let ended: Promise<void> | undefined
const end = () =>
  (ended ??= (async () => {
    for (const identity of processes) signal(identity, 'SIGCONT')
    await testbed.close()
    await endAll(processes)
    await guard.release()
  })())
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(name, () => void end().finally(() => process.exit(130)))

const setting: Setting = { testbed, start: async program => (await startDaemon(program, started)).stop }
const results: Result[] = []
const begun = performance.now()
try {
  const shop = await openShop(await shopOptionsOf(testbed))
  for (const [place, drill] of drills.entries()) {
    say(`${place + 1}/${drills.length} ${drill.name}`)
    const result = await runDrill(drill, setting, shop, say).catch(error => failed(drill, error as Error))
    results.push(result)
    say(`  ${result.findings.length > 0 ? '✘ not as declared' : '✔ as declared'}, ${result.seconds} s`)
    for (const finding of result.findings) say(`    ${finding}`)
    if (result.isSpoilt) break // the next drills would find the same
  }
} finally {
  await end()
}
for (const line of summary(results)) say(line)
say(`${results.length} of ${drills.length} drills in ${Math.round((performance.now() - begun) / 1_000)} s`)
process.exit(results.length < drills.length || results.some(({ findings }) => findings.length > 0) ? 1 : 0)
