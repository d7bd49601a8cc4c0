import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Program } from '../processes/daemon.ts'
import { ask } from '../processes/ports.ts'
import { findProgram } from '../processes/system-packages.ts'
import { embeddedMongoProgram } from './embedded-mongo.ts'

type Server = { name: string; port: number }

export type MongodbOptions = {
  root: string
  /** The folder for the data of all servers. */
  folder: string
  logs: string
  servers: Server[]
  /** True to start `mongod` with `--auth`. */
  needsUsers?: boolean
  say: (line: string) => void
}

/** MongoDB servers to start. */
export type MongodbServers = {
  /** Describes the chosen MongoDB. */
  choice: string
  /** The addresses by name, without a database and a user. */
  urls: Record<string, string>
  programs: Program[]
  /** False for the embedded server. */
  hasUsers: boolean
}

/** Returns the MongoDB servers to start: a `mongod` for each name if it is on the PATH, else one process with all embedded servers. */
export async function mongodbServers(options: MongodbOptions): Promise<MongodbServers> {
  const { root, folder, logs, servers, needsUsers = false, say } = options
  const urls = Object.fromEntries(servers.map(({ name, port }) => [name, `mongodb://127.0.0.1:${port}`]))
  const mongod = findProgram('mongod')
  if (mongod) {
    const programs = servers.map(server => mongodProgram(mongod, server, { folder, logs, needsUsers }))
    return { choice: `mongod (${mongod})`, urls, programs, hasUsers: needsUsers }
  }
  const files = servers.map(({ name, port }) => ({ port, file: join(folder, `${name}.mv`) }))
  const program = await embeddedMongoProgram({ root, servers: files, logFile: join(logs, 'embedded-mongo.log'), say })
  const choice = 'the embedded server (tools/embedded-mongo; no mongod on the PATH), without users'
  return { choice, urls, programs: [program], hasUsers: false }
}

type Mongod = { folder: string; logs: string; needsUsers: boolean }

function mongodProgram(command: string, { name, port }: Server, { folder, logs, needsUsers }: Mongod): Program {
  const data = join(folder, `${name}.mongod`)
  mkdirSync(data, { recursive: true })
  return {
    name: `${name}-mongod`,
    command,
    args: [
      '--dbpath',
      data,
      '--port',
      String(port),
      '--bind_ip',
      '127.0.0.1',
      '--wiredTigerCacheSizeGB',
      '0.25',
      ...(needsUsers ? ['--auth'] : [])
    ],
    logFile: join(logs, `${name}-mongod.log`),
    answers: async () => (await ask(port)) !== undefined
  }
}
