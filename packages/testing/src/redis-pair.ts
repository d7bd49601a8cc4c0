import { randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'
import { connect, redisServer } from './redis-server.ts'
import { tcpProxy } from './tcp-proxy.ts'
import { until } from './until.ts'

/** The keys that make a demoted server load slowly, and the time (µs) that it takes for each. */
const LOADED_KEYS = 2_000
const LOAD_DELAY = 20_000
/** How much of its newest data the new primary can send alone. It is so little that the demoted server must load everything. */
const BACKLOG_BYTES = 16_384
/** After so many bytes a loading server answers commands. It is the least that Redis accepts. */
const ANSWER_BYTES = 1_024

/** Starts two Redis servers behind one address: a primary and its replica. A test can make them change places. */
export async function redisPair() {
  const servers = [await redisServer(), await redisServer()] as const
  const [first, second] = [connect(servers[0].url), connect(servers[1].url)]
  const replicaOf = (primary: string) => [new URL(primary).hostname, Number(new URL(primary).port)] as const
  // Else a replica waits 5 seconds for others before it gets its data.
  for (const server of [first, second]) await server.config('SET', 'repl-diskless-sync-delay', 0)
  await second.replicaof(...replicaOf(servers[0].url))
  await until(async () => (await second.info('replication')).includes('master_link_status:up'))
  const proxy = await tcpProxy(servers[0].url)

  const offsetOf = async (server: Redis) => /^master_repl_offset:(\d+)/m.exec(await server.info('replication'))?.[1]

  async function promoteSecond() {
    await until(async () => (await offsetOf(first)) === (await offsetOf(second))) // else the fail-over loses writes
    await second.replicaof('NO', 'ONE')
    proxy.leadNewTo(servers[1].url)
  }

  return {
    /** The address that leads to the primary. */
    url: proxy.url,
    /** Connections to the first and to the second server. */
    first,
    second,
    /** Promotes the replica, and demotes the primary. The address moves. Connections to the demoted server stay open. */
    async failOver() {
      await promoteSecond()
      await first.replicaof(...replicaOf(servers[1].url))
      await until(async () => (await first.info('replication')).includes('role:slave'))
    },
    /** Like `failOver`, but the demoted server loads the data of the new primary for much longer than a test waits. */
    async failOverWithSlowLoad() {
      await promoteSecond()
      await second.config('SET', 'repl-backlog-size', BACKLOG_BYTES)
      const value = () => randomBytes(200).toString('hex') // cannot be compressed much
      const loaded = Array.from({ length: LOADED_KEYS }, (_, index) => [`loaded:${index}`, value()])
      await second.mset(Object.fromEntries(loaded))
      await first.config('SET', 'key-load-delay', LOAD_DELAY, 'loading-process-events-interval-bytes', ANSWER_BYTES)
      await first.replicaof(...replicaOf(servers[1].url))
      await until(async () => (await first.info('persistence')).includes('loading:1'))
    },
    async stop() {
      proxy.close()
      first.disconnect()
      second.disconnect()
      await Promise.all(servers.map(({ stop }) => stop()))
    }
  }
}
