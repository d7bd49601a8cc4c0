import type { Command } from '../command-line/command.ts'
import { Failure } from '../failure.ts'
import { askInspected, type Inspected, inspectedProcesses } from '../inspection/inspected.ts'

const ANSWER_LIMIT = 10_000
/** The longest time (s) for which a service changes its level. */
const LONGEST = 3_600

type LogLevel = { level: string; configured: string; until: string | null }

/** `bulkhead log-level SERVICE` */
export const logLevelCommand: Command = {
  usage: 'log-level SERVICE [LEVEL] [--for TIME] [--namespace NAME] [--json]',
  summary: 'show the level of the log of a running service, or change it for a time',
  details: `LEVEL              trace, debug, info, warn, error, fatal or silent
--for TIME         how long the level stays, such as 30s or 10m (default: 10m, at most 1h). Then the configured level returns
--namespace NAME   the service in this namespace of the cluster, all its ready pods, instead of the one on this machine
--json             print the levels as JSON

A service answers only if INSPECTION=1 is set. \`bulkhead up\` sets it; in a cluster it is the chart's value \`inspection\`.`,
  examples: [
    ['bulkhead log-level cart', 'the level now'],
    ['bulkhead log-level cart debug', 'more lines for ten minutes'],
    ['bulkhead log-level cart warn --for 1h --namespace bulkhead', 'fewer lines of all pods for an hour']
  ],
  options: { for: { type: 'string' }, namespace: { type: 'string' }, json: { type: 'boolean' } },
  async run({ stack, words: [service = '', level], options, environment }) {
    if (level === undefined && options.for !== undefined)
      throw new Failure('--for needs a LEVEL', `Example: bulkhead log-level ${service} debug --for 10m`)
    const seconds = secondsIn(String(options.for ?? '10m'))
    const namespace = options.namespace as string | undefined
    const processes = await inspectedProcesses(service, { stack, environment, namespace })
    try {
      const levels = await Promise.all(processes.map(inspected => levelOf(inspected, level, seconds)))
      const lines = levels.map(lineOf)
      console.log(options.json ? JSON.stringify(levels, undefined, 2) : lines.join('\n'))
      return 0
    } finally {
      for (const { close } of processes) close()
    }
  }
}

/** Changes the level of a process if one is given. Resolves with the level after that. */
async function levelOf(inspected: Inspected, level: string | undefined, seconds: number) {
  const query = new URLSearchParams({ level: level ?? '', seconds: String(seconds) })
  const answer =
    level === undefined
      ? await askInspected(inspected, 'GET', '/log-level', ANSWER_LIMIT)
      : await askInspected(inspected, 'PUT', `/log-level?${query}`, ANSWER_LIMIT)
  return { name: inspected.name, ...((await answer.json()) as LogLevel) }
}

const lineOf = ({ name, level, configured, until }: LogLevel & { name: string }) =>
  until === null ? `${name}: ${level}` : `${name}: ${level} until ${until}, then ${configured}`

/** Parses a time such as `90s`, `10m` or `1h` to seconds. */
function secondsIn(text: string): number {
  const [, count, unit = ''] = /^(\d+)(s|m|h)$/.exec(text) ?? []
  const seconds = Number(count) * ({ s: 1, m: 60, h: 3_600 }[unit] ?? Number.NaN)
  if (seconds >= 1 && seconds <= LONGEST) return seconds
  throw new Failure(`--for is "${text}"`, 'Give a time from 1s to 1h, such as 10m')
}
