import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../failure.ts'
import { table } from '../output/table.ts'
import type { Stack } from '../services/stack.ts'
import { type Jaeger, jaeger } from './jaeger.ts'
import { findInLogs, type Mention, readFromLogs } from './log-traces.ts'
import { TRACE_ID, type Trace } from './trace.ts'

const MAX_MENTIONS = 10

/**
 * Finds the trace of an order, of another resource, of a request or of a trace ID. Reads its spans from a Jaeger, if `jaegerUrl` is given
 * and has them, else the logs of the stack on this machine. Fails if neither knows the ID.
 */
export async function findTrace(stack: Stack, id: string, jaegerUrl: string | undefined): Promise<Trace> {
  const backend = jaegerUrl === undefined ? undefined : jaeger(jaegerUrl)
  const found = await findInLogs(stack, id)
  const traceId = 'traceId' in found ? found.traceId : backend && (await findInSpans(stack, backend, id))
  if (traceId === undefined) throw unknownId(id, 'mentions' in found ? found.mentions : [], backend !== undefined)
  const trace = (await backend?.read(traceId)) ?? (await readFromLogs(stack, traceId))
  if (trace) return trace
  throw unknownTrace(stack, traceId, backend !== undefined)
}

/** Asks Jaeger for the request that has this ID or created the resource of this ID. */
async function findInSpans(stack: Stack, backend: Jaeger, id: string): Promise<string | undefined> {
  for (const { name } of stack.services) {
    const own = await backend.find(name, 'http.request.header.x-request-id', id)
    if (own) return own
    for (const list of createdLists(stack, name)) {
      const created = await backend.find(name, 'http.response.header.location', `${list}/${id}`)
      if (created) return created
    }
  }
  return undefined
}

/** Returns the last words of the paths of a service's operations that create something, such as `orders`. Their answers have a Location. */
function createdLists(stack: Stack, service: string): string[] {
  const [file] = globSync(join('services', service, 'openapi.json'), { cwd: stack.root })
  if (file === undefined) return []
  const { paths = {} } = JSON.parse(readFileSync(join(stack.root, file), 'utf8'))
  const creating = Object.keys(paths).filter(path => paths[path].post?.responses?.['201'])
  return [...new Set(creating.map(path => path.slice(path.lastIndexOf('/') + 1)))]
}

function unknownId(id: string, mentions: Mention[], hasBackend: boolean): Failure {
  if (mentions.length > 0) {
    const rows = mentions
      .slice(0, MAX_MENTIONS)
      .map(({ time, service, operation, status, traceId }) => [time, service, operation, String(status ?? ''), traceId])
    const list = table([['TIME', 'SERVICE', 'OPERATION', 'STATUS', 'TRACE'], ...rows])
    return new Failure(
      `the logs do not show the request that created ${id}. These requests use it, the latest first:\n${list}\n`,
      'Show one: bulkhead trace TRACE'
    )
  }
  const where = hasBackend
    ? 'neither the logs of this stack nor Jaeger have it'
    : 'the logs of this stack do not have it'
  return new Failure(
    `there is no trace of ${id}: ${where}`,
    'Give the ID of an order or another resource, the X-Request-Id of an answer, or a trace ID. The logs begin with `make up`'
  )
}

function unknownTrace(stack: Stack, traceId: string, hasBackend: boolean): Failure {
  const logs = join(stack.folder, 'logs')
  const where = hasBackend ? `neither Jaeger nor ${logs} has a line of it` : `${logs} has no line of it`
  const cure = 'It may not be sampled, or be older than the logs'
  return new Failure(`there is nothing of the trace ${traceId}: ${where}`, cure)
}

/** Returns whether a text may be an ID of a resource, of a request or of a trace. */
export const isId = (text: string) => TRACE_ID.test(text) || /^[\w.:/+=-]{1,128}$/.test(text)
