import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { restoreInCluster } from '../backup/cluster/cluster-jobs.ts'
import { bytesIn, recordsIn } from '../backup/dump/manifest.ts'
import { repositoryAccess } from '../backup/local/backup-folder.ts'
import { userServersOf, withStores } from '../backup/local/running-stores.ts'
import { chosenServices, erasesCustomers, erasurePublisher, mayHaveRecords } from '../backup/local/services.ts'
import { markUnfinished, unfinishedFile } from '../backup/local/unfinished-restores.ts'
import { ageText, amountText, proofText, recordsText, timeText } from '../backup/output.ts'
import { openRepository } from '../backup/repository/repository.ts'
import type { Access } from '../backup/repository/restic.ts'
import { chooseSnapshot } from '../backup/restore.ts'
import { restoreService } from '../backup/service-backup.ts'
import { openStore } from '../backup/stores/open-store.ts'
import { connectCluster } from '../cluster/kubectl.ts'
import type { Command } from '../command-line/command.ts'
import { withEventLog } from '../event-log/event-log-connection.ts'
import { Failure } from '../failure.ts'
import { handleInterrupts } from '../processes/interrupts.ts'
import { isRunning } from '../runner/run.ts'
import type { Service, Stack } from '../services/stack.ts'
import { backedUp, optional, REPOSITORY_HELP } from './backup.ts'

/** `bulkhead restore SERVICE...` */
export const restoreCommand: Command = {
  usage: 'restore SERVICE... [--at TIME] [--as NAME] [--yes] [--repository WHERE] [--namespace NAME]',
  summary: 'replace the records of stopped services, or of `all`, by those of a backup',
  details: `--at TIME            a time such as 2026-01-31T12:00:00Z, which means the last backup before it; or the ID of a snapshot;
                     or \`latest\` (default)
--as NAME            restore for looking, beside the records of the service, which may run: into the database NAME of the same
                     MongoDB, or into the database with that number (1 to 15) of the same Redis. It must be empty
--yes                do not ask before records are replaced
--namespace NAME     restore into an installation in a cluster. The service must have no pods
${REPOSITORY_HELP}

Compares every restored record with the backup by hash, and fails if one differs. Customers who were erased since the backup are erased
again. docs/backups.md says what agrees after a restore, and what does not.`,
  examples: [
    ['bulkhead restore all', 'everything, from the latest backups'],
    ['bulkhead restore orders --at 2026-01-31T12:00:00Z', 'one service, as it was at that time'],
    ['bulkhead restore orders --as orders-of-may --at 3f2a9c01', 'a copy beside the records, of one snapshot']
  ],
  options: {
    repository: { type: 'string' },
    namespace: { type: 'string' },
    at: { type: 'string', default: 'latest' },
    as: { type: 'string' },
    yes: { type: 'boolean' }
  },
  async run({ stack, words, options, environment }) {
    const services = chosenServices(stack, words)
    const [at, as] = [String(options.at), optional(options.as)]
    if (as !== undefined && services.length > 1) throw new Failure('--as needs the name of one service')
    const isSure = options.yes === true || as !== undefined
    if (options.namespace !== undefined) {
      const cluster = await connectCluster(stack.root, environment, String(options.namespace))
      if (!isSure) await confirm(services, `the namespace ${cluster.namespace}`)
      await restoreInCluster(stack, cluster, services, { at, as, say: console.log })
      return 0
    }
    if (as === undefined && isRunning(stack))
      throw new Failure(`${namesOf(services)} may not run during a restore`, 'Stop the stack first: make down')
    const { stop } = handleInterrupts()
    const access = repositoryAccess(stack, optional(options.repository), environment, stop)
    await restoreHere(stack, services, { access, at, as, environment, isSure })
    return 0
  }
}

type Here = {
  access: Access
  at: string
  as: string | undefined
  environment: NodeJS.ProcessEnv
  /** True to replace records without a question. */
  isSure: boolean
}

async function restoreHere(stack: Stack, services: Service[], here: Here) {
  const { access, at, as, environment, isSure } = here
  const publisher = as === undefined ? erasurePublisher(stack) : undefined
  const needed = publisher && !services.includes(publisher) ? [...services, publisher] : services
  const replaced = as === undefined ? services.filter(service => mayHaveRecords(stack, service, environment)) : []
  await withStores(stack, needed, userServersOf(environment), async urls => {
    for (const { name } of replaced) console.log(await comparison(name, urls[name]!, here))
    if (replaced.length > 0 && !isSure) await confirm(replaced, stack.folder, access.signal)
    for (const service of services) {
      const { name } = service
      const restored = await withEventLog(stack, eventLog =>
        restoreService(backedUp(stack, service, urls), {
          access,
          eventLog,
          at,
          as,
          taken: databasesOf(stack, environment),
          publisherUrl: publisher && urls[publisher.name],
          erasesCustomers: erasesCustomers(stack, name),
          replaces: () => as === undefined && markUnfinished(stack, name)
        })
      )
      if (as === undefined) rmSync(unfinishedFile(stack, name), { force: true })
      const { manifest, id, at: time, seconds, erased, unrecorded } = restored
      const size = amountText(recordsIn(manifest), bytesIn(manifest), seconds)
      const place = as === undefined ? '' : ` as ${as}`
      console.log(`${name}: restored ${id} of ${timeText(time)}${place} (${size}). Every record equals the backup`)
      if (as !== undefined) console.log(`${name}: ${proofText(unrecorded)}`)
      if (erased > 0) console.log(`${name}: ${erased} people were erased since then, and are erased again`)
    }
  })
}

/** The names that services' databases have, on the stack's own servers and on those of the user. */
const databasesOf = ({ services }: Stack, { REDIS_URL }: NodeJS.ProcessEnv) =>
  services.flatMap(({ name, store, ports }) => {
    if (store === 'mongodb') return [name, `bulkhead-${name}`]
    return store === 'redis' && REDIS_URL ? [String(ports.api % 100)] : []
  })

const namesOf = (services: Service[]) => services.map(({ name }) => name).join(', ')

/** Says what a restore would replace, and by what. */
async function comparison(name: string, url: string, { access, at: wanted }: Here): Promise<string> {
  const { id, at, records } = chooseSnapshot(await openRepository(access, name).list(), wanted, name)
  const store = await openStore(url)
  const count = await store.count().finally(store.close)
  const backup = `the backup ${id} of ${timeText(at)}, ${ageText(at)} old, has ${recordsText(records)}`
  return `${name}: its store has ${recordsText(count)} now; ${backup}`
}

async function confirm(services: Service[], place: string, signal?: AbortSignal) {
  const question = `Replace all records of ${namesOf(services)} in ${place}?`
  if (!process.stdin.isTTY) throw new Failure(`${question} This needs --yes, or with make: YES=1`)
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const ended = new AbortController()
  terminal.once('SIGINT', () => ended.abort())
  terminal.once('close', () => ended.abort())
  const signals = signal ? [ended.signal, signal] : [ended.signal]
  try {
    // An interrupted question is a no.
    const answer = await terminal.question(`${question} [y/N] `, { signal: AbortSignal.any(signals) }).catch(() => 'no')
    if (!/^y(es)?$/i.test(answer.trim())) throw new Failure('nothing was changed')
  } finally {
    terminal.close()
  }
}
