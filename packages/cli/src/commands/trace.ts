import type { Command } from '../command-line/command.ts'
import { Failure } from '../failure.ts'
import { localUrl, type Stack } from '../services/stack.ts'
import { findTrace, isId } from '../traces/find-trace.ts'
import type { Trace } from '../traces/trace.ts'
import { formatTime, waterfall } from '../traces/waterfall.ts'

const MAX_ENTRIES = 200
const COLUMNS = 120
/** The offset of Jaeger's port from `PORT_BASE`. */
const JAEGER_OFFSET = 294
const PROBE_MS = 500

/** `bulkhead trace` */
export const traceCommand: Command = {
  usage: 'trace ID [--jaeger URL] [--all] [--json]',
  summary: 'the path of an order or of a request through all services, as a waterfall',
  details: `ID           an order or another resource that a request created, the X-Request-Id of an answer, or a trace ID
--jaeger URL the query API of a Jaeger, which has the spans (default: JAEGER_URL, else port PORT_BASE + ${JAEGER_OFFSET}, if a Jaeger answers there)
--all        show every line, not only the first ${MAX_ENTRIES}
--json       print the trace as JSON; times are in milliseconds since the epoch

Without a Jaeger, or for a trace that was not sampled, it reads the logs of the stack on this machine. They have the requests to services and
their warnings, but no calls, store commands or events. docs/tracing.md says how to turn tracing on. A bar of ▒ is a failure.`,
  examples: [
    ['bulkhead trace ord_06dk3v5q8xte9s2w7m4c1znhb0', 'an order, from its placing to the captured payment'],
    ['bulkhead trace 4bf92f3577b34da6a3ce929d0e0e4736', 'a request, by the X-Request-Id of its answer'],
    ['bulkhead trace ord_06dk... --jaeger http://jaeger:16686', 'with the spans of a Jaeger']
  ],
  options: { jaeger: { type: 'string' }, all: { type: 'boolean' }, json: { type: 'boolean' } },
  async run({ stack, words: [id = ''], options, environment }) {
    if (!isId(id)) throw new Failure(`"${id}" is not an ID`, 'Give the ID of an order, of a request or of a trace')
    const jaegerUrl = await jaegerOf(stack, (options.jaeger as string | undefined) ?? environment.JAEGER_URL)
    const trace = await findTrace(stack, id, jaegerUrl)
    const maxEntries = options.all ? Number.POSITIVE_INFINITY : MAX_ENTRIES
    const columns = process.stdout.columns ?? COLUMNS
    const text = `${summaryOf(trace)}\n\n${waterfall(trace, { columns, maxEntries })}${notesOf(trace, jaegerUrl)}`
    console.log(options.json ? JSON.stringify(trace, undefined, 2) : text)
    return 0
  }
}

/** Returns the URL of the Jaeger to ask: the given one, or that of this stack if it answers. Fails for a URL that is not one. */
async function jaegerOf(stack: Stack, given: string | undefined): Promise<string | undefined> {
  if (given) {
    if (URL.canParse(given) && /^https?:/.test(given)) return given
    throw new Failure(`"${given}" is not the URL of a Jaeger`, 'Example: --jaeger http://127.0.0.1:16686')
  }
  const own = localUrl(stack.portBase + JAEGER_OFFSET)
  const signal = AbortSignal.timeout(PROBE_MS)
  const isThere = await fetch(`${own}/api/services`, { signal }).then(
    ({ ok }) => ok,
    () => false
  )
  return isThere ? own : undefined
}

function summaryOf({ traceId, entries, source }: Trace): string {
  const start = Math.min(...entries.map(entry => entry.start))
  const end = Math.max(...entries.map(entry => entry.end))
  const services = new Set(entries.map(({ service }) => service)).size
  const failures = entries.filter(({ isFailed }) => isFailed).length
  const things = source === 'spans' ? 'spans' : 'lines'
  return [
    `trace ${traceId}`,
    new Date(start).toISOString(),
    formatTime(end - start),
    `${entries.length} ${things} of ${services} ${services === 1 ? 'service' : 'services'}`,
    ...(failures > 0 ? [`${failures} failed`] : [])
  ].join(', ')
}

function notesOf({ source, linked }: Trace, jaegerUrl: string | undefined): string {
  const links = linked.map(traceId => `It continues another trace: bulkhead trace ${traceId}`)
  const fromLogs = jaegerUrl
    ? 'Jaeger has no span of it, so it was not sampled. This is from the logs'
    : 'From the logs. For calls, store commands and events, turn tracing on: docs/tracing.md'
  const notes = source === 'logs' ? [...links, fromLogs] : links
  return notes.length > 0 ? `\n\n${notes.join('\n')}` : ''
}
