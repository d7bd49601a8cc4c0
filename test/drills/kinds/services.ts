import { setTimeout as delay } from 'node:timers/promises'
import type { Drill } from '../drill.ts'
import type { Declared } from './stores.ts'

/** The time from the restart of a killed replica to its next kill (ms). */
const ALIVE = 3_000
const KILL_LIMIT = 5_000

/** A drill: a replica is killed with `kill -9` again and again. */
export const killedAgain = (service: string, declared: Declared): Drill => ({
  ...declared,
  name: `${service} is killed again and again`,
  services: [service],
  async cause({ testbed }) {
    const replica = testbed.replicas(service)[0]!
    let isOver = false
    const killing = (async () => {
      while (!isOver) {
        replica.send('SIGKILL')
        if (!(await replica.endsWithin(KILL_LIMIT))) throw new Error(`${service} survives SIGKILL`)
        await replica.start()
        await delay(ALIVE)
      }
    })()
    killing.catch(() => undefined) // the undo rejects with it
    return () => {
      isOver = true
      return killing
    }
  }
})

/** A drill: all replicas of a service are suspended with SIGSTOP. */
export const hung = (service: string, declared: Declared): Drill => ({
  ...declared,
  name: `${service} hangs`,
  services: [service],
  async cause({ testbed }) {
    const replicas = testbed.replicas(service)
    for (const replica of replicas) replica.send('SIGSTOP')
    return () => {
      for (const replica of replicas) replica.send('SIGCONT')
    }
  }
})

/** A drill: every request to a service arrives `milliseconds` late. */
export const slow = (service: string, milliseconds: number, declared: Declared): Drill => ({
  ...declared,
  name: `requests to ${service} arrive ${milliseconds} ms late`,
  services: [service],
  async cause({ testbed }) {
    testbed.balancerOf(service).slow(milliseconds)
    return () => testbed.balancerOf(service).mend()
  }
})

/** A drill: a share of the requests to a service ends with a reset connection. */
export const lossy = (service: string, share: number, declared: Declared): Drill => ({
  ...declared,
  name: `${share * 100} % of the connections to ${service} are reset`,
  services: [service],
  async cause({ testbed }) {
    testbed.balancerOf(service).lose(share)
    return () => testbed.balancerOf(service).mend()
  }
})

/** A drill: a service refuses connections. */
export const away = (service: string, title: string, declared: Declared): Drill => ({
  ...declared,
  name: title,
  services: [service],
  async cause({ testbed }) {
    testbed.balancerOf(service).cut()
    return () => testbed.balancerOf(service).mend()
  }
})

/** A drill: the clock of one replica jumps. `clock` is in the notation of faketime. */
export const clockJumps = (service: string, clock: string, declared: Declared): Drill => ({
  ...declared,
  name: `the clock of a replica of ${service} jumps by ${clock}`,
  services: [service],
  isOfClock: true,
  async cause({ testbed }) {
    const replica = testbed.replicas(service)[0]!
    await replica.stop()
    await replica.start({ clock })
    return async () => {
      await replica.stop()
      await replica.start()
    }
  }
})
