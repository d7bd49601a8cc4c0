import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { Failure } from '../failure.ts'
import { type Program, type Started, startDaemon } from '../processes/daemon.ts'
import { ask } from '../processes/ports.ts'
import { requireProgram } from '../processes/system-packages.ts'

/** A redis-server on 127.0.0.1. */
export type RedisServer = {
  name: string
  port: number
  /** The folder with its data. */
  folder: string
  /** True to write each change to disk before it is acknowledged (append-only file, `appendfsync always`); false to keep nothing. */
  durable: boolean
  /** `file` has the server's users. `name` and `password` belong to the user that checks if the server is ready. */
  users?: { file: string; name: string; password: string }
}

const OLDEST_MAJOR = 7

/** Returns the program of a redis-server. It counts as started when it has loaded its data. */
export function redisProgram({ name, port, folder, durable, users }: RedisServer, logFile: string): Program {
  mkdirSync(folder, { recursive: true })
  const [request, reply] = users ? [`AUTH ${users.name} ${users.password}\r\n`, '+OK\r\n'] : ['', '']
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    ...(durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']),
    ...(users ? ['--aclfile', users.file] : [])
  ]
  const answers = async () => (await ask(port, `${request}PING\r\n`)) === `${reply}+PONG\r\n`
  return { name, command: requireProgram('redis-server'), args, logFile, answers }
}

/** Starts a redis-server and waits until it has loaded its data. */
export const startRedisServer = ({
  logFile,
  started,
  ...server
}: RedisServer & { logFile: string; started?: Started }) => startDaemon(redisProgram(server, logFile), started)

/** Returns the version of the redis-server on the PATH. Fails if it is missing or older than Redis 7, which the event log's users need. */
export function redisVersion(): string {
  const text = execFileSync(requireProgram('redis-server'), ['--version'], { encoding: 'utf8', timeout: 5_000 })
  const version = /v=(\S+)/.exec(text)?.[1] ?? '0'
  if (Number.parseInt(version, 10) >= OLDEST_MAJOR) return version
  throw new Failure(
    `redis-server ${version} is too old`,
    `Install ${OLDEST_MAJOR}.0 or newer: https://redis.io/docs/latest/operate/oss_and_stack/install/`
  )
}
