import { setTimeout as delay } from 'node:timers/promises'
import { type Memory, memoryOf } from '../../packages/cli/src/processes/memory.ts'
import type { StackStatus } from '../../packages/cli/src/runner/status.ts'
import { comparedRow, type Figure, measuredRow } from '../report/rows.ts'
import { startBaseline } from '../testbed/baseline.ts'
import { runCommand } from '../testbed/command.ts'

const BULKHEAD = 'packages/cli/bin/bulkhead.js'
const MEBIBYTE = 2 ** 20
/** The service that stands in for a payment provider. Its memory does not count, because a real provider runs elsewhere. */
const PROVIDER = 'sandbox'

/** The duration of `make up` on a stack without data, with installed packages, and the memory of each service at rest. */
export const start: Figure = {
  title: 'make up, and memory at rest',
  async run(testbed, { ROUNDS, REST, BENCH_PORT_BASE: portBase }) {
    const run = (...command: [string, ...string[]]) => runCommand(testbed.root, command, portBase)
    const deleteData = () => run(process.execPath, BULKHEAD, 'reset', '--force')
    const seconds: number[] = []
    const bare: number[] = []
    const services: Record<string, number[]> = {}
    const stores: Record<string, number[]> = {}
    const { daemon } = await startBaseline(testbed, 'proxy', { UPSTREAM: 'http://127.0.0.1:9' })
    testbed.onClear(deleteData)
    await deleteData()
    for (let round = 1; round <= ROUNDS; round++) {
      const begin = performance.now()
      await run('make', '-s', 'up', 'DETACH=1')
      seconds.push((performance.now() - begin) / 1_000)
      await delay(REST * 1_000)
      const status = JSON.parse(await run(process.execPath, BULKHEAD, 'status', '--json')) as StackStatus
      for (const { service, memory } of status.services) note(services, service, memory)
      for (const { name, memory } of status.stores) note(stores, name, memory)
      bare.push(memoryOf(daemon.identity.pid)!.bytes / MEBIBYTE)
      testbed.say(
        `round ${round} of ${ROUNDS}: ${seconds.at(-1)!.toFixed(1)} s, ${JSON.stringify({ ...services, ...stores })}`
      )
      await deleteData()
    }
    const ready = { what: 'make up, to ready, without data', unit: 's', rounds: seconds }
    const counted = Object.entries(services).filter(([service]) => service !== PROVIDER)
    const atRest = `at rest, ${REST} s after ready (PSS)`
    const baseline = { what: 'Express with undici', rounds: bare }
    return [
      measuredRow({ ...ready, goal: { compare: 'measured', max: 12 } }),
      measuredRow({
        what: `${counted.length} services, without the ${PROVIDER}: memory ${atRest}`,
        unit: 'MiB',
        rounds: sums(counted.map(([, rounds]) => rounds)),
        goal: { compare: 'measured', max: 550 }
      }),
      measuredRow({ what: `stores and event log: memory ${atRest}`, unit: 'MiB', rounds: sums(Object.values(stores)) }),
      ...Object.entries(services).map(([service, rounds]) => {
        const what = `${service}: memory ${atRest}`
        return comparedRow(baseline, { what, unit: 'MiB', rounds, goal: { compare: 'measured', max: 75 } })
      })
    ]
  }
}

function note(noted: Record<string, number[]>, name: string, memory: Memory | null) {
  noted[name] = [...(noted[name] ?? []), memory!.bytes / MEBIBYTE]
}

/** Returns the sums of all lists, one for each round. */
const sums = (all: number[][]) => all[0]!.map((_, round) => all.reduce((sum, rounds) => sum + rounds[round]!, 0))
