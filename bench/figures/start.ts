import { setTimeout as delay } from 'node:timers/promises'
import { type Memory, memoryOf } from '../../packages/cli/src/memory.ts'
import type { StackStatus } from '../../packages/cli/src/status.ts'
import { startBaseline } from '../baseline.ts'
import { runCommand } from '../command.ts'
import { alone, beside, type Figure } from '../figure.ts'

const BULKHEAD = 'packages/cli/bin/bulkhead.js'
const MEBIBYTE = 2 ** 20
/** It stands in for what is not ours. */
const PROVIDER = 'sandbox'

/** How long `make up` takes on a stack without data, its packages installed, and what each service holds when it rests. */
export const start: Figure = {
  title: 'make up, and memory at rest',
  async run(ground, { ROUNDS, REST, BENCH_PORT_BASE: portBase }) {
    const run = (...words: [string, ...string[]]) => runCommand(ground.root, words, portBase)
    const forget = () => run(process.execPath, BULKHEAD, 'reset', '--force')
    const seconds: number[] = []
    const bare: number[] = []
    const services: Record<string, number[]> = {}
    const stores: Record<string, number[]> = {}
    const { daemon } = await startBaseline(ground, 'proxy', { UPSTREAM: 'http://127.0.0.1:9' })
    ground.later(forget)
    await forget()
    for (let round = 1; round <= ROUNDS; round++) {
      const begin = performance.now()
      await run('make', '-s', 'up', 'DETACH=1')
      seconds.push((performance.now() - begin) / 1_000)
      await delay(REST * 1_000)
      const status = JSON.parse(await run(process.execPath, BULKHEAD, 'status', '--json')) as StackStatus
      for (const { service, memory } of status.services) note(services, service, memory)
      for (const { name, memory } of status.stores) note(stores, name, memory)
      bare.push(memoryOf(daemon.identity.pid)!.bytes / MEBIBYTE)
      ground.say(
        `round ${round} of ${ROUNDS}: ${seconds.at(-1)!.toFixed(1)} s, ${JSON.stringify({ ...services, ...stores })}`
      )
      await forget()
    }
    const ready = { what: 'make up, to ready, without data', unit: 's', rounds: seconds }
    const ours = Object.entries(services).filter(([service]) => service !== PROVIDER)
    const atRest = `at rest, ${REST} s after ready (PSS)`
    const baseline = { what: 'Express with undici', rounds: bare }
    return [
      alone({ ...ready, goal: { of: 'measured', most: 12 } }),
      alone({
        what: `${ours.length} services, without the ${PROVIDER}: memory ${atRest}`,
        unit: 'MiB',
        rounds: sums(ours.map(([, rounds]) => rounds)),
        goal: { of: 'measured', most: 550 }
      }),
      alone({ what: `stores and event log: memory ${atRest}`, unit: 'MiB', rounds: sums(Object.values(stores)) }),
      ...Object.entries(services).map(([service, rounds]) => {
        const what = `${service}: memory ${atRest}`
        return beside(baseline, { what, unit: 'MiB', rounds, goal: { of: 'measured', most: 75 } })
      })
    ]
  }
}

function note(noted: Record<string, number[]>, name: string, memory: Memory | null) {
  noted[name] = [...(noted[name] ?? []), memory!.bytes / MEBIBYTE]
}

/** The sum of each round. */
const sums = (all: number[][]) => all[0]!.map((_, round) => all.reduce((sum, rounds) => sum + rounds[round]!, 0))
