import { setTimeout as delay } from 'node:timers/promises'
import { localUrl } from '../../../packages/cli/src/services/stack.ts'
import { type Fault, restart } from '../fault.ts'
import type { Testbed } from '../testbed/testbed.ts'

/** Milliseconds of orders while a clock is wrong. */
const OFF = 6_000

/** The clock of a replica is ten minutes wrong. */
export const clockOff = (service: string, clock: string): Fault => ({
  name: `${service} has a clock that is off by ${clock}`,
  section: 'clocks',
  isOfClock: true,
  prepare: testbed => restart(testbed, service, { clock }),
  async run(testbed) {
    await delay(OFF)
    await checkClock(testbed, service, clock)
    await restart(testbed, service)
    return { what: 'shifted' }
  }
})

/**
 * A replica dies while its clock is ten minutes ahead. The orders and leases that it held until a time on its own clock must become free
 * sooner.
 */
export const diesWithClockAhead = (service: string): Fault => ({
  name: `${service} has a clock that is ahead by 600 s, and dies`,
  section: 'clocks',
  isOfClock: true,
  async prepare(testbed) {
    await restart(testbed, service, { clock: '+600s' })
    await restart(testbed, service, {}, 1) // it gives up its leases
  },
  async run(testbed) {
    await delay(OFF)
    await checkClock(testbed, service, '+600s')
    const [replica] = testbed.replicas(service)
    replica!.send('SIGKILL')
    if (!(await replica!.endsWithin(5_000))) throw new Error(`${service} survives SIGKILL`)
    await replica!.start()
    return { what: 'killed' }
  }
})

async function checkClock(testbed: Testbed, service: string, clock: string) {
  const off = (await clockOf(testbed.replicas(service)[0]!.port)) - Date.now()
  if (Math.abs(off - Number.parseInt(clock, 10) * 1_000) > 5_000) throw new Error(`The clock is off by ${off} ms`)
}

/** The time of a replica, in whole seconds, from the header of an answer. */
async function clockOf(port: number): Promise<number> {
  const answer = await fetch(localUrl(port), { signal: AbortSignal.timeout(5_000) })
  await answer.body?.cancel()
  return Date.parse(answer.headers.get('date') ?? '')
}
