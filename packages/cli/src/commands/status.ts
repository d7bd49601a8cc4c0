import type { Command } from '../command.ts'
import type { Memory } from '../memory.ts'
import { type StackStatus, stackStatus } from '../status.ts'
import { table } from '../table.ts'

/** `bulkhead status` */
export const statusCommand: Command = {
  usage: 'status [--json]',
  summary: 'each service: version, health, memory, address, store',
  details: `--json    as data, with each management address (metrics, probes); memory is in bytes

Exits with 1 unless every service is ready. Memory is PSS (a page that n processes share counts as 1/n), or RSS where
the system tells no PSS.`,
  examples: [
    ['bulkhead status', 'a table'],
    ["bulkhead status --json | jq '.services[] | {service, health}'", 'for a script']
  ],
  options: { json: { type: 'boolean' } },
  async run({ stack, options }) {
    const status = await stackStatus(stack)
    console.log(options.json ? JSON.stringify(status, undefined, 2) : statusTables(status))
    return status.services.every(({ health }) => health === 'ready') ? 0 : 1
  }
}

function statusTables({ services, stores, chosen, running, processes }: StackStatus): string {
  const serviceRows = services.map(({ service, version, health, memory, address, store }) => [
    service,
    version,
    health,
    text(memory),
    address,
    store
  ])
  const storeRows = stores.map(({ store, health, memory }) => [store, health, text(memory)])
  return [
    table([['SERVICE', 'VERSION', 'HEALTH', 'MEMORY', 'ADDRESS', 'STORE'], ...serviceRows]),
    ...(stores.length > 0 ? [table([['STORE', 'HEALTH', 'MEMORY'], ...storeRows]), chosen.join('\n')] : []),
    ...(running ? [] : [withoutRunner(processes)])
  ].join('\n\n')
}

function withoutRunner(processes: number): string {
  if (processes === 0) return 'Nothing runs: `make up` starts the stack'
  const run = processes === 1 ? '1 process still runs' : `${processes} processes still run`
  return `The runner is gone, but ${run}: \`make up\` ends them and starts anew, \`make down\` ends them`
}

const text = (memory: Memory | null) =>
  memory ? `${(memory.bytes / 1_048_576).toFixed(1)} MiB${memory.kind === 'RSS' ? ' RSS' : ''}` : '-'
