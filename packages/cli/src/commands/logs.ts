import { existsSync } from 'node:fs'
import { connectCluster } from '../cluster/kubectl.ts'
import type { Command } from '../command-line/command.ts'
import { parseDuration } from '../command-line/duration.ts'
import { nearestName } from '../command-line/nearest-name.ts'
import { Failure } from '../failure.ts'
import type { LogEntry } from '../logs/entry.ts'
import { passes } from '../logs/filter.ts'
import { localLogNames, printLocalLogs } from '../logs/local-logs.ts'
import { printPodLogs } from '../logs/pod-logs.ts'
import { sentences } from '../logs/sentence.ts'
import { LEVELS } from '../output/log-line.ts'
import { handleInterrupts } from '../processes/interrupts.ts'
import type { Stack } from '../services/stack.ts'
import { logsFolder } from '../stores/stores.ts'

/** How far back `--follow` begins without `--since` (ms). */
const FOLLOWED_SINCE = 60_000
const LEAST_TRACE = 4

/** `bulkhead logs [SERVICE]` */
export const logsCommand: Command = {
  usage:
    'logs [SERVICE] [--follow] [--trace ID] [--since TIME] [--level LEVEL] [--json] [--cluster] [--namespace NAME]',
  summary: 'print the logs of all services and stores as sentences, ordered by time',
  details: `SERVICE            only the log of this service or store, such as catalog, cart-redis or event-log
--follow           go on with new lines until Ctrl-C, also after a restart (begins a minute ago, unless --since is given)
--trace ID         only lines of this trace or request; the first ${LEAST_TRACE} digits or more are enough
--since TIME       only lines of this time, such as 30s, 10m, 2h or 1d
--level LEVEL      only lines of this level or above: ${Object.keys(LEVELS).join(', ')}. Lines that show no level are kept
--json             print each line as JSON, with its \`source\`
--cluster          read the pods of an installation in a cluster, not the stack on this machine
--namespace NAME   the namespace of that installation (default: bulkhead); implies --cluster

Times are in the zone of this machine. Lines without JSON stay as they are. Colours appear only on a terminal (see NO_COLOR).
In a cluster, at most the newest 100,000 lines are printed without --follow.`,
  examples: [
    ['bulkhead logs --since 10m --level warn', 'what went wrong in the last ten minutes'],
    ['bulkhead logs --trace 4bf92f35', "one request's way through all services"],
    ['bulkhead logs orders --follow', 'the log of a service as it grows'],
    ["bulkhead logs gateway --json | jq 'select(.status >= 500)'", 'for a script']
  ],
  options: {
    follow: { type: 'boolean', short: 'f' },
    trace: { type: 'string' },
    since: { type: 'string' },
    level: { type: 'string' },
    json: { type: 'boolean' },
    cluster: { type: 'boolean' },
    namespace: { type: 'string' }
  },
  async run({ stack, words, options, environment }) {
    const [name] = words
    const isFollowed = options.follow === true
    const past = options.since === undefined ? undefined : parseDuration(String(options.since), '--since')
    const ago = past ?? (isFollowed ? FOLLOWED_SINCE : undefined)
    const since = ago === undefined ? undefined : Date.now() - ago
    const level = options.level === undefined ? undefined : parseLevel(String(options.level))
    const trace = options.trace === undefined ? undefined : parseTrace(String(options.trace))
    const isWanted = (entry: LogEntry) => passes({ since, level, trace }, entry)
    const format = options.json ? jsonOf : sentences({ hasColour: hasColour(environment) })
    const stop = AbortSignal.any([handleInterrupts().stop, closedOutput()])
    let count = 0
    const print = (entry: LogEntry) => {
      if (stop.aborted || !isWanted(entry)) return
      count++
      process.stdout.write(`${format(entry)}\n`)
    }
    if (options.cluster || options.namespace !== undefined) {
      const cluster = await connectCluster(stack.root, environment, String(options.namespace ?? 'bulkhead'))
      await printPodLogs({ cluster, name, since, isWanted, print, tell: console.error, isFollowed, stop })
    } else {
      requireLog(stack, name, isFollowed)
      await printLocalLogs({ folder: logsFolder(stack), name, print, isFollowed, stop })
    }
    if (count === 0 && !stop.aborted) console.error('No line matches')
    return 0
  }
}

const jsonOf = ({ source, fields, raw }: LogEntry) =>
  JSON.stringify(fields ? { source, ...fields } : { source, text: raw })

const hasColour = ({ NO_COLOR }: NodeJS.ProcessEnv) => process.stdout.isTTY && !NO_COLOR

/** Aborts when nobody reads the output any more, such as after `| head`. */
function closedOutput(): AbortSignal {
  const closed = new AbortController()
  process.stdout.once('error', () => closed.abort())
  return closed.signal
}

function parseLevel(text: string): number {
  const level = LEVELS[text]
  if (level !== undefined) return level
  throw new Failure(`--level is "${text}"`, `Choose from ${Object.keys(LEVELS).join(', ')}`)
}

function parseTrace(text: string): string {
  const id = text.replace(/…$/, '')
  if (id.length >= LEAST_TRACE) return id
  throw new Failure(`--trace is "${text}"`, `Give at least ${LEAST_TRACE} characters of the ID of a trace or a request`)
}

/** Fails if a stack has no such log. While its logs are followed, it may still be created. */
function requireLog(stack: Stack, name: string | undefined, isFollowed: boolean) {
  const folder = logsFolder(stack)
  const names = existsSync(folder) ? localLogNames(folder) : []
  if (name === undefined ? names.length > 0 : names.includes(name)) return
  const isService = stack.services.some(service => service.name === name)
  if (isFollowed && (name === undefined || isService)) return
  if (name === undefined || isService || names.length === 0)
    throw new Failure(`there is no log${name === undefined ? '' : ` of ${name}`} yet`, 'Start the stack: make up')
  const nearest = nearestName([name], names)
  throw new Failure(
    `there is no log of "${name}"`,
    nearest ? `Did you mean ${nearest}?` : `Choose from ${names.join(', ')}`
  )
}
