import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { Failure } from '../failure.ts'
import { handleInterrupts } from '../processes/interrupts.ts'
import { bytesIn, recordsIn } from './dump/manifest.ts'
import { amountText, proofText, timeText } from './output.ts'
import type { Retention } from './repository/repository.ts'
import { backUpService, restoreService } from './service-backup.ts'

/*
 * The program of the image `backup`, for one store in a cluster: `backup`, or `restore --at TIME`. It reads its addresses from the
 * environment, because arguments can be read by every process of a node.
 */

const ANSWER_MS = 10_000

const { positionals, values } = parseArgs({
  options: {
    at: { type: 'string', default: 'latest' },
    as: { type: 'string' },
    publishers: { type: 'string', default: '' },
    'allow-empty': { type: 'boolean', default: false },
    'erases-customers': { type: 'boolean', default: false }
  },
  allowPositionals: true
})
const { stop } = handleInterrupts()
const { env } = process

/** Reads a variable. Fails if it is missing. */
function variable(name: string): string {
  const value = env[name]
  if (value) return value
  throw new Failure(`${name} is not set`)
}

const access = () => ({
  location: variable('BACKUP_REPOSITORY'),
  passwordFile: variable('RESTIC_PASSWORD_FILE'),
  environment: env,
  signal: stop
})

const service = () => ({
  name: variable('SERVICE'),
  version: env.SERVICE_VERSION ?? 'unknown',
  url: variable('STORE_URL'),
  publishers: values.publishers.split(',').filter(Boolean)
})

async function backup() {
  const retention: Retention = {
    last: Number(variable('KEEP_LAST')),
    daily: Number(variable('KEEP_DAILY')),
    weekly: Number(variable('KEEP_WEEKLY'))
  }
  const { snapshot, manifest, seconds } = await backUpService(service(), {
    access: access(),
    eventLog: undefined,
    retention,
    allowEmpty: values['allow-empty']
  })
  const size = amountText(recordsIn(manifest), snapshot.bytes, seconds)
  console.log(`${snapshot.service}: ${snapshot.id} of ${timeText(snapshot.at)} (${size})`)
}

async function restore() {
  const { at, as } = values
  const isCopy = as !== undefined
  const eventLog = isCopy ? undefined : await connectEventLog()
  try {
    const restored = await restoreService(service(), {
      access: access(),
      eventLog,
      at,
      as,
      publisherUrl: isCopy ? undefined : env.PUBLISHER_STORE_URL || undefined,
      erasesCustomers: values['erases-customers']
    })
    const { manifest, id, at: time, seconds, erased, unrecorded } = restored
    const size = amountText(recordsIn(manifest), bytesIn(manifest), seconds)
    console.log(`${variable('SERVICE')}: restored ${id} of ${timeText(time)} (${size}). Every record equals the backup`)
    if (isCopy) console.log(proofText(unrecorded))
    if (erased > 0) console.log(`${erased} people were erased since then, and are erased again`)
  } finally {
    eventLog?.disconnect()
  }
}

async function connectEventLog(): Promise<Redis> {
  const redis = new Redis({
    host: env.EVENT_LOG_HOST ?? 'event-log',
    port: Number(env.EVENT_LOG_PORT ?? 6379),
    username: variable('EVENT_LOG_USERNAME'),
    password: variable('EVENT_LOG_PASSWORD'),
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: ANSWER_MS,
    commandTimeout: ANSWER_MS
  })
  redis.on('error', () => undefined) // connect() rejects with the same error
  await redis.connect().catch(cause => {
    throw new Failure('the event log does not answer', 'It must run during a restore', { cause })
  })
  return redis
}

try {
  const command = { backup, restore }[positionals[0] ?? '']
  if (!command) throw new Failure('the first argument is neither backup nor restore')
  await command()
  process.exit(0)
} catch (error) {
  console.error(error instanceof Failure ? error.message : error)
  process.exit(1)
}
