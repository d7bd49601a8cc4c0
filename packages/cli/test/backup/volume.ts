import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { BSON, MongoClient } from 'mongodb'
import { startDaemon } from '../../src/processes/daemon.ts'
import { freePort } from '../../src/processes/ports.ts'
import { endAll } from '../../src/processes/processes.ts'
import { mongodbServers } from '../../src/stores/mongodb-servers.ts'
import { startRedisServer } from '../../src/stores/redis-server.ts'
import { processorTimeOf, sampleUsage, type Usage } from './process-usage.ts'

// `make test-backups`: backs up and restores SIZE MiB of orders (default: 1024) on a MongoDB of its own, and prints the speed and the memory
// of the backup's processes.
const ROOT = join(import.meta.dirname, '../../../..')
const MIB = 1024 * 1024
const [SPEED, MEMORY] = [30, 150]
const BATCH = 500

const size = Number(process.env.SIZE ?? 1024)
const folder = mkdtempSync(join(tmpdir(), 'bulkhead-volume-'))
const ends: (() => Promise<unknown>)[] = []
/** The processes of MongoDB. */
const servers: number[] = []

let ended: Promise<void> | undefined
const end = () => (ended ??= endAndRemove())
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(name, () => void end().finally(() => process.exit(130)))

try {
  process.exitCode = await measure()
} finally {
  await end()
}

/** Ends the servers, and removes their data. */
async function endAndRemove() {
  for (const stop of ends.reverse()) await stop()
  rmSync(folder, { recursive: true, force: true })
}

async function measure(): Promise<number> {
  const [source, target] = await Promise.all([startMongo('source'), startMongo('target')])
  const port = await freePort()
  const log = await startRedisServer({
    name: 'log',
    port,
    folder: join(folder, 'log'),
    durable: false,
    logFile: join(folder, 'log.log')
  })
  ends.push(log.stop)
  const bytes = await fill(source)
  console.log(`${size} MiB of orders; load of the machine ${loadavg()[0]!.toFixed(1)}`)
  // The bundle of the image, because the memory of a process that compiles TypeScript is larger.
  execFileSync(process.execPath, [join(ROOT, 'scripts/images/backup/bundle.ts'), folder])
  writeFileSync(join(folder, 'password'), randomBytes(16).toString('hex'), { mode: 0o600 })
  const environment = {
    SERVICE: 'orders',
    BACKUP_REPOSITORY: join(folder, 'repository'),
    RESTIC_PASSWORD_FILE: join(folder, 'password'),
    KEEP_LAST: '7',
    KEEP_DAILY: '7',
    KEEP_WEEKLY: '4',
    EVENT_LOG_HOST: '127.0.0.1',
    EVENT_LOG_PORT: String(port),
    EVENT_LOG_USERNAME: 'default',
    EVENT_LOG_PASSWORD: 'none'
  }
  const backup = await run(['backup'], { ...environment, STORE_URL: source })
  const restore = await run(['restore'], { ...environment, STORE_URL: target })
  const speedOf = ({ seconds }: Run) => bytes / MIB / seconds
  for (const [name, run] of [
    ['backup', backup],
    ['restore', restore]
  ] as const) {
    const { usage, seconds, server } = run
    const speed = `${speedOf(run).toFixed(1)} MiB/s (${seconds.toFixed(0)} s)`
    const memory = `${(usage.memory / MIB).toFixed(0)} MiB of memory at most`
    const processor = `${usage.processor.toFixed(1)} s of a processor, MongoDB ${server.toFixed(1)} s`
    console.log(`${name}: ${speed}, ${memory}, ${processor}`)
  }
  const isGood = speedOf(backup) >= SPEED && backup.usage.memory <= MEMORY * MIB
  console.log(isGood ? 'The backup is within its limits' : `The limits are ${SPEED} MiB/s and ${MEMORY} MiB`)
  return isGood ? 0 : 1
}

/** Starts a MongoDB of its own, and resolves with the address of its database `orders`. */
async function startMongo(name: string): Promise<string> {
  const server = { name, port: await freePort() }
  const options = { root: ROOT, folder, logs: folder, servers: [server], say: console.log }
  const { programs, urls } = await mongodbServers(options)
  for (const program of programs) {
    const { identity, stop } = await startDaemon(program, started => void ends.push(() => endAll([started])))
    servers.push(identity.pid)
    ends.push(stop)
  }
  return `${urls[name]}/orders`
}

/** Fills a database with orders, and resolves with their bytes. */
async function fill(url: string): Promise<number> {
  const client = await MongoClient.connect(url)
  const orders = client.db().collection<{ _id: string }>('orders')
  let bytes = 0
  for (let number = 0; bytes < size * MIB; number += BATCH) {
    const batch = Array.from({ length: BATCH }, (_, index) => orderOf(number + index))
    await orders.insertMany(batch)
    bytes += batch.reduce((sum, order) => sum + BSON.calculateObjectSize(order), 0)
  }
  await client.close()
  return bytes
}

/** An order of about two kilobytes, like those of the service. */
function orderOf(number: number) {
  const at = new Date(1_750_000_000_000 + number)
  const lines = Array.from({ length: 6 }, (_, line) => ({
    sku: `SKU-${(number * 7 + line) % 5_000}`,
    title: `Article ${(number * 7 + line) % 5_000} of the sample catalogue`,
    quantity: 1 + (line % 3),
    price: { amount: 1_250 + line, currency: 'EUR' },
    tax: { amount: 200 + line, currency: 'EUR' }
  }))
  return {
    _id: `ord_${String(number).padStart(12, '0')}${randomBytes(8).toString('hex')}`,
    version: 3,
    schemaVersion: 1,
    state: 'captured',
    email: `${randomBytes(6).toString('hex')}@example.com`,
    deliveryAddress: {
      name: 'Ann Example',
      street: `Street ${number % 900}`,
      city: 'Berlin',
      country: 'DE',
      postalCode: '10115'
    },
    lines,
    history: ['placed', 'capturing', 'captured'].map(state => ({ state, at })),
    secret: randomBytes(24).toString('base64url'),
    traceparent: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
    refunds: [],
    placedAt: at,
    settled: true
  }
}

type Run = { seconds: number; usage: Usage; server: number }

async function run(args: string[], environment: Record<string, string>): Promise<Run> {
  const started = performance.now()
  const serverTime = () => servers.reduce((sum, pid) => sum + processorTimeOf(pid), 0)
  const before = serverTime()
  const env = { ...process.env, ...environment, MALLOC_MMAP_THRESHOLD_: '65536', MALLOC_ARENA_MAX: '1' }
  const program = ['--max-semi-space-size=2', join(folder, 'job.js'), ...args]
  const child = spawn(process.execPath, program, { env, stdio: 'inherit' })
  const sampling = sampleUsage(child.pid!)
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${args[0]} failed`)
  const seconds = (performance.now() - started) / 1_000
  return { seconds, usage: sampling.stop(), server: serverTime() - before }
}
