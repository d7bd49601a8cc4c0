import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { serviceLog } from '../services/service-program.ts'
import type { Stack } from '../services/stack.ts'
import { TRACE_ID, type Trace, type TraceEntry } from './trace.ts'

/** The fields of a line in a service's log that a trace uses. */
type LogLine = {
  level: string
  time: string
  service: string
  msg?: string
  requestId?: string
  traceId?: string
  operation?: string
  method?: string
  path?: string
  status?: number
  ms?: number
  /** The ID of the resource that a request created. */
  created?: string
}

/** Maximum number of lines of one ID that are kept. */
const MAX_LINES = 20_000
/** The line of a request is written a little after its answer is sent, so a request may seem to end this much (ms) before its part. */
const LATENESS = 5

/** A request in the logs that concerns an ID. */
export type Mention = { traceId: string; time: string; service: string; operation: string; status: number | undefined }

/** The traces of an ID: the one that it names or created, or else the requests whose path has the ID, the latest first. */
export type FoundTrace = { traceId: string } | { mentions: Mention[] }

/** Finds the trace of an order, of another resource or of a request in the logs of a stack on this machine. */
export async function findInLogs(stack: Stack, id: string): Promise<FoundTrace> {
  if (TRACE_ID.test(id)) return { traceId: id }
  const lines = (await linesWith(stack, id)).filter(({ traceId }) => traceId !== undefined)
  const named = lines.find(({ created }) => created === id) ?? lines.find(({ requestId }) => requestId === id)
  if (named) return { traceId: named.traceId! }
  const byTrace = new Map(lines.filter(({ path }) => path?.includes(id)).map(line => [line.traceId!, line]))
  const mentions = [...byTrace].map(([traceId, { time, service, operation = 'none', status }]) => ({
    traceId,
    time,
    service,
    operation,
    status
  }))
  return { mentions: mentions.sort((one, other) => (one.time < other.time ? 1 : -1)) }
}

/** Reads a trace from the logs of a stack. The logs have the requests to services and their messages. Undefined if no line has its ID. */
export async function readFromLogs(stack: Stack, traceId: string): Promise<Trace | undefined> {
  const lines = (await linesWith(stack, traceId)).filter(line => line.traceId === traceId)
  if (lines.length === 0) return undefined
  return { traceId, source: 'logs', entries: nest(lines.map(entryOf)), linked: [] }
}

/** Returns the lines of all services that contain a text, from the files of this run. */
async function linesWith(stack: Stack, text: string): Promise<LogLine[]> {
  const found: LogLine[] = []
  const files = stack.services.map(({ name }) => serviceLog(stack, name)).flatMap(file => [`${file}.1`, file])
  for (const file of files.filter(existsSync)) {
    for await (const line of createInterface({ input: createReadStream(file) })) {
      if (!line.includes(text) || found.length === MAX_LINES) continue
      const parsed = parseLine(line)
      if (parsed) found.push(parsed)
    }
  }
  return found
}

/** Parses a line. Undefined for one without JSON, such as the stack of a crash. */
function parseLine(line: string): LogLine | undefined {
  try {
    return line.startsWith('{') ? (JSON.parse(line) as LogLine) : undefined
  } catch {
    return undefined
  }
}

function entryOf({ level, time, service, msg = '', operation, status, ms }: LogLine): TraceEntry {
  const end = Date.parse(time)
  if (msg !== 'request' || ms === undefined) {
    const isFailed = level === 'error' || level === 'fatal'
    return { service, name: msg, kind: 'message', start: end, end, depth: 0, result: level, isFailed }
  }
  const isFailed = status !== undefined && status >= 500
  const name = operation ?? 'none'
  return { service, name, kind: 'request', start: end - ms, end, depth: 0, result: String(status), isFailed }
}

/** Sorts entries by their beginning. An entry that lies within another one counts as caused by it, because the logs have no parents. */
function nest(entries: TraceEntry[]): TraceEntry[] {
  const sorted = entries.toSorted((one, other) => one.start - other.start || other.end - one.end)
  const open: TraceEntry[] = []
  return sorted.map(entry => {
    while (open.length > 0 && open.at(-1)!.end + LATENESS < entry.end) open.pop()
    const nested = { ...entry, depth: open.length }
    if (entry.kind === 'request') open.push(nested)
    return nested
  })
}
