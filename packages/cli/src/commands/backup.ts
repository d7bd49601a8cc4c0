import type { Redis } from 'ioredis'
import { backUpInCluster } from '../backup/cluster/cluster-jobs.ts'
import { recordsIn } from '../backup/dump/manifest.ts'
import { eachService } from '../backup/each-service.ts'
import { repositoryAccess } from '../backup/local/backup-folder.ts'
import { userServersOf, withStores } from '../backup/local/running-stores.ts'
import { chosenServices, mayHaveRecords, publishersFor, recordServices } from '../backup/local/services.ts'
import { amountText, sizeText, timeText } from '../backup/output.ts'
import { openRepository, RETENTION, type Retention } from '../backup/repository/repository.ts'
import { backUpService } from '../backup/service-backup.ts'
import { connectCluster } from '../cluster/kubectl.ts'
import type { Call, Command } from '../command-line/command.ts'
import { withEventLog } from '../event-log/event-log-connection.ts'
import { Failure } from '../failure.ts'
import { table } from '../output/table.ts'
import { handleInterrupts } from '../processes/interrupts.ts'
import type { Service, Stack } from '../services/stack.ts'

/** The help text for the options that all commands for backups have. */
export const REPOSITORY_HELP = `--repository WHERE   a folder, or an address of restic such as s3:https://s3.example.com/bucket/folder
                     (default: BACKUP_REPOSITORY, else the folder backups/repository of the stack in .data)

RESTIC_PASSWORD_FILE names the file with the repository's password (default: backups/password of the stack, created once). Keep a copy of it
elsewhere: without the password nobody can read the backups. S3 reads its keys from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`

const KEEP_HELP = `--keep-last N        how many of the last backups of each service to keep (default: ${RETENTION.last})
--keep-daily N       of how many days to keep the last one (default: ${RETENTION.daily})
--keep-weekly N      of how many weeks to keep the last one (default: ${RETENTION.weekly})`

/** `bulkhead backup SERVICE...` */
export const backupCommand: Command = {
  usage: 'backup SERVICE... [--repository WHERE] [--namespace NAME]',
  summary: 'back up the records of services, or of `all`, while they run',
  details: `${KEEP_HELP}
--allow-empty        also back up a service without records whose last backup has some
--namespace NAME     back up an installation in a cluster now: runs the backup jobs of its stores
${REPOSITORY_HELP}

Encrypts the backup, and adds it to a repository for each service. Removes old backups. If the backup of a service fails, goes on
with the others, and exits with 1. docs/backups.md says what a backup contains.`,
  examples: [
    ['bulkhead backup all', 'every service with records'],
    ['bulkhead backup orders --repository /mnt/backups', 'one service, to another folder'],
    ['bulkhead backup all --namespace bulkhead', 'an installation in a cluster']
  ],
  options: {
    repository: { type: 'string' },
    namespace: { type: 'string' },
    'allow-empty': { type: 'boolean' },
    'keep-last': { type: 'string' },
    'keep-daily': { type: 'string' },
    'keep-weekly': { type: 'string' }
  },
  async run({ stack, words, options, environment }) {
    const services = chosenServices(stack, words)
    const allowEmpty = options['allow-empty'] === true
    if (options.namespace !== undefined) {
      const cluster = await connectCluster(stack.root, environment, String(options.namespace))
      await backUpInCluster(cluster, services, { allowEmpty, say: console.log })
      return 0
    }
    const { stop } = handleInterrupts()
    const access = repositoryAccess(stack, optional(options.repository), environment, stop)
    const retention = parseRetention(options)
    requireStores(stack, services, environment)
    const isKept = (service: Service) => mayHaveRecords(stack, service, environment)
    await withStores(stack, services.filter(isKept), userServersOf(environment), urls =>
      eachService(
        services,
        async service => {
          if (!isKept(service)) throw new Failure('it has no store yet', 'Start the stack: make up')
          console.log(`${service.name}: reading its records`)
          const backup = await withEventLogIfItAnswers(stack, eventLog =>
            backUpService(backedUp(stack, service, urls), { access, eventLog, retention, allowEmpty })
          )
          const { snapshot, manifest, seconds, removed } = backup
          const size = amountText(recordsIn(manifest), snapshot.bytes, seconds)
          const old = removed > 0 ? `; removed ${removed} old ${removed === 1 ? 'backup' : 'backups'}` : ''
          console.log(`${service.name}: ${snapshot.id} of ${timeText(snapshot.at)} (${size})${old}`)
        },
        stop
      )
    )
    return 0
  }
}

/** `bulkhead backup list` */
export const backupListCommand: Command = {
  usage: 'backup list [SERVICE...] [--repository WHERE] [--json]',
  summary: 'the backups of all services, or of the named ones',
  details: REPOSITORY_HELP,
  examples: [
    ['bulkhead backup list', 'all backups, the latest first'],
    ['bulkhead backup list orders --json', 'those of one service, for scripts']
  ],
  options: { repository: { type: 'string' }, json: { type: 'boolean' } },
  async run({ stack, words, options, environment }) {
    const services = words.length > 0 ? chosenServices(stack, words) : recordServices(stack)
    const access = repositoryAccess(stack, optional(options.repository), environment)
    const lists = await Promise.all(services.map(({ name }) => openRepository(access, name).list()))
    const snapshots = lists.flat().sort((one, other) => other.at.getTime() - one.at.getTime())
    const rows = snapshots.map(({ id, service, at, records, bytes }) => [
      service,
      id,
      timeText(at),
      String(records),
      sizeText(bytes)
    ])
    const text =
      rows.length > 0
        ? table([['SERVICE', 'SNAPSHOT', 'TIME', 'RECORDS', 'SIZE'], ...rows])
        : `There are no backups in ${access.location}. Make one: bulkhead backup all`
    console.log(options.json ? JSON.stringify(snapshots, undefined, 2) : text)
    return 0
  }
}

/** `bulkhead backup check` */
export const backupCheckCommand: Command = {
  usage: 'backup check [SERVICE...] [--repository WHERE]',
  summary: 'read all data of the repositories, and find damage',
  details: REPOSITORY_HELP,
  examples: [['bulkhead backup check', 'the repositories of all services']],
  options: { repository: { type: 'string' } },
  async run({ stack, words, options, environment }) {
    const services = words.length > 0 ? chosenServices(stack, words) : recordServices(stack)
    const { stop } = handleInterrupts()
    const access = repositoryAccess(stack, optional(options.repository), environment, stop)
    const damaged: string[] = []
    for (const { name } of services) {
      const problem = await openRepository(access, name)
        .check()
        .then(() => undefined, messageOf)
      console.log(`${name}: ${problem ?? 'all data can be read'}`)
      if (problem) damaged.push(name)
    }
    return damaged.length > 0 ? 1 : 0
  }
}

/** Returns a service as backup and restore need it. */
export const backedUp = (stack: Stack, { name, version }: Service, urls: Record<string, string>) => ({
  name,
  version,
  url: urls[name]!,
  publishers: publishersFor(stack, name)
})

/** Returns the value of an option of text. */
export const optional = (value: Call['options'][string]) => (value === undefined ? undefined : String(value))

/** Calls `use` with a connection to the event log, or without one if the log does not answer. */
async function withEventLogIfItAnswers<Result>(stack: Stack, use: (log: Redis | undefined) => Promise<Result>) {
  let isConnected = false
  try {
    return await withEventLog(stack, redis => {
      isConnected = true
      return use(redis)
    })
  } catch (error) {
    if (isConnected) throw error
    return use(undefined)
  }
}

/** Fails if none of the services has a store, so that a stack that never ran gets no stores and no empty backups. */
function requireStores(stack: Stack, services: Service[], environment: NodeJS.ProcessEnv) {
  if (services.some(service => mayHaveRecords(stack, service, environment))) return
  const names = services.map(({ name }) => name).join(', ')
  throw new Failure(`there is nothing to back up: ${stack.folder} has no store of ${names}`, 'Start the stack: make up')
}

function parseRetention(options: Call['options']): Retention {
  const number = (name: 'last' | 'daily' | 'weekly') => {
    const given = options[`keep-${name}`]
    const count = given === undefined ? RETENTION[name] : Number(given)
    if (Number.isInteger(count) && count >= (name === 'last' ? 1 : 0)) return count
    throw new Failure(`--keep-${name} is "${given}"`, 'Give a whole number, for --keep-last at least 1')
  }
  return { last: number('last'), daily: number('daily'), weekly: number('weekly') }
}

function messageOf(error: unknown): string {
  if (error instanceof Failure) return error.message
  throw error
}
