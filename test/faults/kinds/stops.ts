import { setTimeout as delay } from 'node:timers/promises'
import { type Fault, restart } from '../fault.ts'
import type { Testbed } from '../testbed/testbed.ts'

/** How long a replica is stopped (ms), and how long it may take to reach its point, because other replicas may be stopped first. */
const [STOPPED, REACHED_WITHIN] = [30_000, 75_000]
const section = 'stops'

/** A fault: one replica of each service is stopped with SIGSTOP, all at once, and continued half a minute later. */
export const stopped = (services: readonly string[]): Fault => ({
  name: `${services.join(', ')} are stopped for ${STOPPED / 1_000} s`,
  section,
  async run(testbed) {
    await delay(500)
    for (const service of services) testbed.replicas(service)[0]!.send('SIGSTOP')
    await delay(STOPPED)
    for (const service of services) testbed.replicas(service)[0]!.send('SIGCONT')
    return { what: 'stopped' }
  }
})

/** A fault: one replica of each service is stopped when it reaches its point. */
export function stoppedAt(points: Record<string, string>): Fault {
  const each = Object.entries(points)
  const nameOf = ([service, point]: [string, string]) => `${service} ${point}`
  return {
    name: `${each.map(nameOf).join(', ')}: stopped there for ${STOPPED / 1_000} s`,
    section,
    points: each.map(nameOf),
    prepare: testbed =>
      Promise.all(each.map(([service, STOP_AT]) => restart(testbed, service, { environment: { STOP_AT } }))),
    async run(testbed) {
      const reached = await Promise.all(each.map(([service]) => stopForAWhile(testbed, service)))
      const unreached = each.filter((_, place) => !reached[place]).map(nameOf)
      return { what: unreached.length > 0 ? 'not reached' : 'stopped', unreached }
    }
  }
}

async function stopForAWhile(testbed: Testbed, service: string): Promise<boolean> {
  const [replica] = testbed.replicas(service)
  for (const limit = Date.now() + REACHED_WITHIN; Date.now() < limit; await delay(200)) {
    if (!(await replica!.isStopped())) continue
    await delay(STOPPED)
    replica!.send('SIGCONT')
    return true
  }
  await restart(testbed, service)
  return false
}
