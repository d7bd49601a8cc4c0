import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Program } from './daemon.ts'
import { embeddedMongoProgram } from './embedded-mongo.ts'
import { ask } from './ports.ts'
import { findProgram } from './system-packages.ts'

type Server = { name: string; port: number }

export type MongodbOptions = {
  root: string
  /** Holds the data of each. */
  folder: string
  logs: string
  servers: Server[]
  say: (line: string) => void
}

/** `urls` are by name and without a database; `choice` says in a few words which MongoDB it is. */
export type MongodbServers = { choice: string; urls: Record<string, string>; programs: Program[] }

/** The MongoDB servers to start, one for each name: `mongod` where it is on the PATH, else the embedded one (one process for all). */
export async function mongodbServers({ root, folder, logs, servers, say }: MongodbOptions): Promise<MongodbServers> {
  const urls = Object.fromEntries(servers.map(({ name, port }) => [name, `mongodb://127.0.0.1:${port}`]))
  const mongod = findProgram('mongod')
  if (mongod) {
    const programs = servers.map(server => mongodProgram(mongod, server, folder, logs))
    return { choice: `mongod (${mongod})`, urls, programs }
  }
  const files = servers.map(({ name, port }) => ({ port, file: join(folder, `${name}.mv`) }))
  const program = await embeddedMongoProgram({ root, servers: files, logFile: join(logs, 'embedded-mongo.log'), say })
  return { choice: 'the embedded server (tools/embedded-mongo; no mongod on the PATH)', urls, programs: [program] }
}

function mongodProgram(command: string, { name, port }: Server, folder: string, logs: string): Program {
  const data = join(folder, `${name}.mongod`)
  mkdirSync(data, { recursive: true })
  return {
    name: `${name}-mongod`,
    command,
    args: ['--dbpath', data, '--port', String(port), '--bind_ip', '127.0.0.1', '--wiredTigerCacheSizeGB', '0.25'],
    logFile: join(logs, `${name}-mongod.log`),
    answers: async () => (await ask(port)) !== undefined
  }
}
