import { join } from 'node:path'
import { connect, type RedisConnection } from '@bulkhead/testing/redis-server'
import { until } from '@bulkhead/testing/until'
import { redisProgram } from '../../../packages/cli/src/stores/redis-server.ts'
import { logsFolder } from '../../../packages/cli/src/stores/stores.ts'
import type { Drill, Setting } from '../drill.ts'
import type { Declared } from './stores.ts'

/** The offset of the second server's port from the stack's first port. */
const SECOND_PORT = 298
/** How long replication may take to catch up (ms). */
const LIMIT = 20_000

/** A drill: the primary of a Redis and its replica change places. The address moves, and connections to the demoted server stay open. */
export const failOver = (store: string, declared: Declared): Drill => ({
  ...declared,
  name: `the Redis of ${store} fails over`,
  services: [store],
  async cause(setting) {
    const { testbed } = setting
    const { url, redis: second, stop } = await startSecond(setting, store)
    const first = connect(testbed.storeUrl(store))
    const close = async () => {
      first.disconnect()
      second.disconnect()
      await stop()
    }
    try {
      await second.replicaof(...placeOf(testbed.storeUrl(store)))
      await change({ from: first, to: second, url, move: testbed.proxy(store).leadNewTo })
    } catch (error) {
      await close()
      throw error
    }
    return async () => {
      await change({ from: second, to: first, url: testbed.storeUrl(store), move: testbed.proxy(store).leadNewTo })
      await close()
    }
  }
})

type Change = { from: RedisConnection; to: RedisConnection; url: string; move: (url: string) => void }

/** Promotes the replica `to` at `url`, moves the address to it, and demotes `from`. */
async function change({ from, to, url, move }: Change) {
  await until(async () => (await to.info('replication')).includes('master_link_status:up'), LIMIT)
  await until(async () => (await offsetOf(from)) === (await offsetOf(to)), LIMIT) // else the fail-over loses changes
  await to.replicaof('NO', 'ONE')
  move(url)
  await from.replicaof(...placeOf(url))
}

async function startSecond({ testbed: { stack }, start }: Setting, store: string) {
  const port = stack.portBase + SECOND_PORT
  const name = `${store}-second-redis`
  const folder = join(stack.folder, 'stores', name)
  const log = join(logsFolder(stack), `${name}.log`)
  const stop = await start(redisProgram({ name, port, folder, durable: true }, log))
  const url = `redis://127.0.0.1:${port}`
  const redis = connect(url)
  await redis.config('SET', 'repl-diskless-sync-delay', 0)
  return { url, redis, stop }
}

const placeOf = (url: string) => [new URL(url).hostname, Number(new URL(url).port)] as const

const offsetOf = async (server: RedisConnection) =>
  /^master_repl_offset:(\d+)/m.exec(await server.info('replication'))?.[1]
