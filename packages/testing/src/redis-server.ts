import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from '../../cli/src/processes/ports.ts'
import { until } from './until.ts'

/**
 * Starts a durable redis-server that a test can fill, hang, kill, empty and reset to earlier data. The server ends with the test's process.
 */
export async function redisServer() {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-redis-'))
  const data = join(folder, 'data')
  const copy = join(folder, 'copy')
  const client = connect(`redis://127.0.0.1:${port}`)
  let server = await start()

  async function start() {
    mkdirSync(data, { recursive: true })
    const durable = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always']
    const child = spawn('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', data, ...durable], {
      stdio: 'ignore'
    })
    const end = () => child.kill('SIGKILL')
    const ended = once(child, 'exit').then(() => process.off('exit', end))
    process.once('exit', end)
    await until(() => client.ping().catch(() => false))
    const hang = () => child.kill('SIGSTOP')
    const goOn = () => child.kill('SIGCONT')
    return { end, hang, goOn, ended, isKilled: () => child.signalCode !== null }
  }

  async function kill() {
    server.end()
    await server.ended
  }

  async function restartWith(prepare: () => void) {
    await kill()
    rmSync(data, { recursive: true })
    prepare()
    server = await start()
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    /** Suspends the process until it is killed or `answering` is called: its connections stay open, but it answers nothing. */
    hang: () => void server.hang(),
    start: async () => {
      server = await start()
    },
    /** Lets the process continue, or starts it if it was killed. Resolves with a connection to it. */
    async answering() {
      if (server.isKilled()) server = await start()
      server.goOn()
      await until(() => client.ping().catch(() => false))
      return client
    },
    /** Makes the server full until `makeRoom`: it refuses all commands that may need more memory. */
    async fill() {
      await client.config('SET', 'maxmemory', 1)
    },
    async makeRoom() {
      await client.config('SET', 'maxmemory', 0)
    },
    /** Copies the current data on disk, for `loseTail`. */
    keep: () => cpSync(data, copy, { recursive: true }),
    /** Restarts the server with the data of the last `keep`. */
    loseTail: () => restartWith(() => cpSync(copy, data, { recursive: true })),
    /** Restarts the server without data. */
    loseAll: () => restartWith(() => undefined),
    async stop() {
      client.disconnect()
      await kill()
      rmSync(folder, { recursive: true })
    }
  }
}

/** A connection to a Redis server. */
export type RedisConnection = Redis

/** Connects a client that fails fast and reconnects fast. */
export function connect(url: string): RedisConnection {
  const redis = new Redis(url, { commandTimeout: 10_000, maxRetriesPerRequest: 1, retryStrategy: () => 50 })
  return redis.on('error', () => undefined) // Each command reports the error as well.
}
