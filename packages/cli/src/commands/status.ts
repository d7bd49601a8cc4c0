import type { Command } from '../command-line/command.ts'
import { table } from '../output/table.ts'
import { type StackStatus, stackStatus, type Usage } from '../runner/status.ts'

/** `bulkhead status` */
export const statusCommand: Command = {
  usage: 'status [--json]',
  summary: 'each service: version, health, CPU, memory, address, store; the runner and the stores; the sum',
  details: `--json    as data, with each management address (metrics, probes); memory is in bytes, CPU a share of a core

Exits with 1 unless every service of the stack is ready. CPU is that of the last second, in percent of one core (on Linux alone).
Memory is PSS (a page that n processes share counts as 1/n), or RSS where the system tells no PSS.`,
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

function statusTables(status: StackStatus): string {
  const { services, leftOut, runner, stores, withoutFolder, sum, chosen, running, processes } = status
  const serviceRows = services.map(({ service, version, health, address, store, ...usage }) => [
    service,
    version,
    health,
    ...cells(usage),
    address,
    store
  ])
  const others = runner ? [runner, ...stores, ...withoutFolder] : []
  const otherRows = others.map(({ name, health, ...usage }) => [name, health, ...cells(usage)])
  const parts = [table([['SERVICE', 'VERSION', 'HEALTH', 'CPU', 'MEMORY', 'ADDRESS', 'STORE'], ...serviceRows])]
  if (leftOut.length > 0) parts.push(`Left out: ${leftOut.join(', ')}. Add them: make up SERVICES=${leftOut.join(',')}`)
  if (others.length > 0) {
    const total = ['all processes', '', ...cells(sum)]
    parts.push(table([['PROCESS', 'STATE', 'CPU', 'MEMORY'], ...otherRows, total]), chosen.join('\n'))
  }
  if (!running) parts.push(withoutRunner(processes))
  return parts.join('\n\n')
}

function withoutRunner(processes: number): string {
  if (processes === 0) return 'Nothing runs: `make up` starts the stack'
  const run = processes === 1 ? '1 process still runs' : `${processes} processes still run`
  return `The runner is gone, but ${run}: \`make up\` ends them and starts anew, \`make down\` ends them`
}

/** Formats the CPU in percent of one core, and the memory. */
const cells = ({ cpu, memory }: Usage): string[] => [
  cpu === null ? '-' : `${(100 * cpu).toFixed(1)} %`,
  memory ? `${(memory.bytes / 1_048_576).toFixed(1)} MiB${memory.kind === 'RSS' ? ' RSS' : ''}` : '-'
]
