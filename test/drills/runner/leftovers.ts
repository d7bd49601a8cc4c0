import { setTimeout as delay } from 'node:timers/promises'
import { readOptionalFile } from '../../../packages/cli/src/files/optional-file.ts'
import { probe } from '../../../packages/cli/src/services/service-program.ts'
import type { Testbed } from '../../faults/testbed/testbed.ts'
import { redisStores, withStore } from '../kinds/redis.ts'

/** The settings of a Redis that a drill changes. */
const SETTINGS = ['maxmemory', 'min-replicas-to-write']

/** How long to look until nothing is left behind, and the pause between two looks (ms). */
const [PATIENCE, PAUSE] = [20_000, 500]

/** What a fault may leave behind, by place. Two states of the same stack are equal if nothing was left. */
export type Traces = Record<string, string>

/** Reads the state of every process and store that a drill may change. */
export async function tracesOf(testbed: Testbed): Promise<Traces> {
  const replicas = testbed.stack.services.flatMap(service =>
    testbed.replicas(service.name).map(async replica => {
      const ports = { ...service.ports, api: replica.port, operations: replica.operations }
      const status = await probe({ ...service, ports }, 'readyz')
      const state = (await replica.isStopped()) ? 'suspended' : status === 200 ? 'ready' : `not ready: ${status}`
      return [replica.name, `${state}${hasShiftedClock(replica.pid()) ? ', its clock is shifted' : ''}`] as const
    })
  )
  const stores = redisStores(testbed).map(async name => [`the Redis of ${name}`, await stateOf(testbed, name)] as const)
  return Object.fromEntries(await Promise.all([...replicas, ...stores]))
}

/** Returns a line for each place whose state has changed. Looks again for a while, because a busy process may answer late. */
export async function leftBehind(testbed: Testbed, before: Traces): Promise<string[]> {
  for (const limit = performance.now() + PATIENCE; ; await delay(PAUSE)) {
    const changed = changes(before, await tracesOf(testbed))
    if (changed.length === 0 || performance.now() > limit) return changed
  }
}

const changes = (before: Traces, after: Traces): string[] =>
  Object.entries(after).flatMap(([place, state]) =>
    state === before[place] ? [] : [`left behind: ${place} is ${state}, and was ${before[place]}`]
  )

const stateOf = (testbed: Testbed, name: string) =>
  withStore(testbed, name, async redis => {
    const settings = (await redis.config('GET', ...(SETTINGS as [string]))) as string[]
    const role = /^role:(\w+)/m.exec(await redis.info('replication'))?.[1]
    const replicas = /^connected_slaves:(\d+)/m.exec(await redis.info('replication'))?.[1]
    return `${role}, ${replicas} replicas, ${settings.join(' ')}`
  })

/** True if the process was started with faketime. Only Linux shows the environment of a process. */
const hasShiftedClock = (pid: number | undefined) =>
  pid !== undefined && (readOptionalFile(`/proc/${pid}/environ`) ?? '').includes('\0FAKETIME=')
