import { setTimeout as delay } from 'node:timers/promises'
import { localUrl } from '../../../packages/cli/src/services/stack.ts'
import { type Fault, restart } from '../fault.ts'
import type { Testbed } from '../testbed/testbed.ts'

/** How long orders are placed while a clock is wrong (ms). */
const OFF = 6_000

/** A fault: the clock of a replica is wrong by `clock`. */
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
 * A fault: a replica dies while its clock is ten minutes ahead. Other replicas must get its orders and leases before the times that it
 * stored, which are ten minutes too late.
 */
export const diesWithClockAhead = (service: string): Fault => ({
  name: `${service} has a clock that is ahead by 600 s, and dies`,
  section: 'clocks',
  isOfClock: true,
  async prepare(testbed) {
    await restart(testbed, service, { clock: '+600s' })
    await restart(testbed, service, {}, 1) // the other replica gives up its leases
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

/** Reads the time of a replica from the `Date` header of an answer (ms since 1970, exact to a second). */
async function clockOf(port: number): Promise<number> {
  const answer = await fetch(localUrl(port), { signal: AbortSignal.timeout(5_000) })
  await answer.body?.cancel()
  return Date.parse(answer.headers.get('date') ?? '')
}
