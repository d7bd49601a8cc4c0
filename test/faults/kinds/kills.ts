import { setTimeout as delay } from 'node:timers/promises'
import { type Fault, restart } from '../fault.ts'
import type { Testbed } from '../testbed/testbed.ts'
import type { Pair } from './points.ts'

/** How long it may take to reach a point (ms): several storms, and longer than the lease for webhooks of a dead replica. */
const REACHED_WITHIN = 40_000
/** Maximum number of starts of a replica, which may reach its point too early because it continues an earlier order. */
const STARTS = 3

/** A fault: each replica of a service is killed with `kill -9` when it reaches its point, and started again. */
export function killAt({ service, points, passings, isLeased }: Pair): Fault {
  const each = points.map((point, index) => ({ point, index, KILL_AT: `${point}:${passings[index] ?? 1}` }))
  return {
    name: `${service} dies ${each.map(({ KILL_AT }) => KILL_AT).join(' and ')}`,
    section: `kills of ${service}`,
    points: points.map(point => `${service} ${point}`),
    async prepare(testbed) {
      await Promise.all(each.map(({ index, KILL_AT }) => startAlive(testbed, service, index, KILL_AT)))
    },
    async run(testbed) {
      const ends = each.map(({ index }) => testbed.replicas(service)[index]!.endsWithin(REACHED_WITHIN))
      // If the first replica restarted at once, it would get the lease that the second one needs to reach its point.
      if (isLeased) await Promise.all(ends)
      const reached = await Promise.all(
        each.map(async ({ index }, place) => {
          const died = await ends[place]!
          if (died) await testbed.replicas(service)[index]!.start()
          else await restart(testbed, service, {}, index)
          return died
        })
      )
      const unreached = each.filter(({ index }) => !reached[index]).map(({ point }) => `${service} ${point}`)
      return { what: unreached.length > 0 ? 'not reached' : 'killed', unreached }
    }
  }
}

/** Starts a replica that will die at a point. Tries again if it dies before it serves orders. */
async function startAlive(testbed: Testbed, service: string, index: number, KILL_AT: string) {
  for (let start = 1; ; start++) {
    try {
      return await restart(testbed, service, { environment: { KILL_AT } }, index)
    } catch (error) {
      if (!/killed by SIGKILL/.test(String(error)) || start === STARTS) throw error
    }
  }
}

/** A fault: a replica is killed with `kill -9` at a random moment. */
export const kill = (service: string): Fault => ({
  name: `${service} dies`,
  section: 'kills of others',
  async run(testbed) {
    await delay(500)
    const [replica] = testbed.replicas(service)
    replica!.send('SIGKILL')
    if (!(await replica!.endsWithin(5_000))) throw new Error(`${service} survives SIGKILL`)
    await replica!.start()
    return { what: 'killed' }
  }
})
