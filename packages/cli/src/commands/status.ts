import type { Command } from '../command-line/command.ts'
import { table } from '../output/table.ts'
import { type StackStatus, stackStatus, type Usage } from '../runner/status.ts'
import type { StoreStatus } from '../runner/store-status.ts'

/** `bulkhead status` */
export const statusCommand: Command = {
  usage: 'status [--json]',
  summary:
    'show version, health, CPU, memory, address and store of each service, and the runner, the stores and the sum',
  details: `--json    print JSON, with each management address (metrics, probes); memory is in bytes, CPU is a share of a core

Asks each store, also the user's own servers, with a limit of a second. Prints which services use a store that does not answer. Exits with 1
unless every service and every store of the run is ready. CPU is measured for one second, in percent of one core (only on Linux).
Memory is PSS (a page that n processes share counts as 1/n), or RSS if the system does not report PSS.`,
  examples: [
    ['bulkhead status', 'a table'],
    ["bulkhead status --json | jq '.services[] | {service, health}'", 'for a script']
  ],
  options: { json: { type: 'boolean' } },
  async run({ stack, options }) {
    const status = await stackStatus(stack)
    console.log(options.json ? JSON.stringify(status, undefined, 2) : statusTables(status))
    return [...status.services, ...status.stores].every(({ health }) => health === 'ready') ? 0 : 1
  }
}

function statusTables(status: StackStatus): string {
  const { services, leftOut, runner, stores, tools, withoutFolder, observer, sum, chosen, running, processes } = status
  const serviceRows = services.map(({ service, version, health, address, store, ...usage }) => [
    service,
    version,
    health,
    ...cells(usage),
    address,
    store
  ])
  const others = [...(runner ? [runner] : []), ...stores, ...tools, ...withoutFolder, ...observer]
  const otherRows = others.map(({ name, health, ...usage }) => [name, health, ...cells(usage)])
  const parts = [table([['SERVICE', 'VERSION', 'HEALTH', 'CPU', 'MEMORY', 'ADDRESS', 'STORE'], ...serviceRows])]
  if (leftOut.length > 0) parts.push(`Left out: ${leftOut.join(', ')}. Add them: make up SERVICES=${leftOut.join(',')}`)
  if (others.length > 0) {
    const total = ['all processes', '', ...cells(sum)]
    parts.push(table([['PROCESS', 'STATE', 'CPU', 'MEMORY'], ...otherRows, total]))
    if (chosen.length > 0) parts.push(chosen.join('\n'))
  }
  const troubles = stores.filter(({ health }) => health !== 'ready').map(troubleOf)
  if (troubles.length > 0) parts.push(troubles.join('\n'))
  if (!running) parts.push(withoutRunner(processes))
  return parts.join('\n\n')
}

function troubleOf({ name, health, problem, services }: StoreStatus): string {
  const users = services.length > 0 ? `Used by ${services.join(', ')}` : 'No running service uses it'
  return `${name}: ${health}${problem ? ` (${problem})` : ''}. ${users}`
}

function withoutRunner(processes: number): string {
  if (processes === 0) return 'The stack does not run. Start it: make up'
  const run = processes === 1 ? '1 process still runs' : `${processes} processes still run`
  return `The runner has ended, but ${run}. \`make up\` restarts the stack, \`make down\` stops it`
}

/** Formats the CPU in percent of one core, and the memory. */
const cells = ({ cpu, memory }: Usage): string[] => [
  cpu === null ? '-' : `${(100 * cpu).toFixed(1)} %`,
  memory ? `${(memory.bytes / 1_048_576).toFixed(1)} MiB${memory.kind === 'RSS' ? ' RSS' : ''}` : '-'
]
