import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Daemon, startDaemon } from '../packages/cli/src/processes/daemon.ts'
import { freePort } from '../packages/cli/src/processes/ports.ts'
import { endAll, type Identity, identityOf } from '../packages/cli/src/processes/processes.ts'
import { endLeftovers, readRunRecord, writeRunRecord } from '../packages/cli/src/runner/run-record.ts'
import { mongodbServers } from '../packages/cli/src/stores/mongodb-servers.ts'
import { redisProgram } from '../packages/cli/src/stores/redis-server.ts'
import { processesOfRun, RUN_VARIABLE } from './run-processes.ts'

const root = join(import.meta.dirname, '..')
/** The many processes that tests start compile each module once, which saves a twentieth of the tests' time. */
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/node')
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** How many times to search for processes to stop. Each round stops the processes that those of the last round had started. */
const ROUNDS = 10
/** How long a process may take to end by itself (ms). */
const GRACE = 2_000
const daemons: Daemon[] = []
let folder: string
let isEnding = false

/** Starts one MongoDB and one Redis for all tests. Each test file uses its own databases and keys. */
export async function mochaGlobalSetup() {
  await removeWhatDeadRunsLeft()
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-test-'))
  process.env[RUN_VARIABLE] = folder
  for (const name of SIGNALS) process.on(name, () => void endEarly(name))
  const record = {
    runner: identityOf('mocha', process.pid),
    services: [],
    stores: [] as Identity[],
    chosen: [],
    state: 'ready' as const
  }
  const file = join(folder, 'run.json')
  const started = (identity: Identity) => {
    record.stores.push(identity)
    writeRunRecord(file, record)
  }
  const [mongodbPort, redisPort] = await Promise.all([freePort(), freePort()])
  const servers = [{ name: 'test', port: mongodbPort }]
  const mongodb = await mongodbServers({ root, folder, logs: folder, servers, say: console.log })
  const redis = { name: 'test-redis', port: redisPort, folder: join(folder, 'redis'), durable: true }
  const programs = [...mongodb.programs, redisProgram(redis, join(folder, 'redis.log'))]
  daemons.push(...(await Promise.all(programs.map(program => startDaemon(program, started)))))
  process.env.TEST_MONGODB_URL = mongodb.urls.test
  process.env.TEST_REDIS_URL = `redis://127.0.0.1:${redisPort}`
}

/** Stops MongoDB and Redis, and removes their data. */
export async function mochaGlobalTeardown() {
  await Promise.all(daemons.map(daemon => daemon.stop()))
  rmSync(folder, { recursive: true, force: true })
}

/**
 * Stops all processes that this run started, and then the run. A Ctrl-C in the terminal does not reach the stores, because they have their
 * own sessions.
 */
async function endEarly(name: (typeof SIGNALS)[number]) {
  if (isEnding) return
  isEnding = true
  console.error(`tests: ${name}, stopping all started processes`)
  for (let round = 0; round < ROUNDS; round++) {
    const started = processesOfRun(folder)
    if (started.length === 0) break
    await endAll(started, GRACE)
  }
  rmSync(folder, { recursive: true, force: true })
  process.exit(128 + constants.signals[name])
}

async function removeWhatDeadRunsLeft() {
  for (const file of globSync(join(tmpdir(), 'bulkhead-test-*/run.json'))) {
    await endLeftovers(file)
    if (!readRunRecord(file)) rmSync(dirname(file), { recursive: true, force: true })
  }
}
