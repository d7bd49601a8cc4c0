import * as z from 'zod'
import { Failure, reasonOf } from '../failure.ts'
import type { Trace, TraceEntry } from './trace.ts'

/** The fields of Jaeger's answer that a trace uses. Times are in microseconds since the epoch. */
const span = z.object({
  spanID: z.string(),
  operationName: z.string(),
  processID: z.string(),
  startTime: z.number(),
  duration: z.number(),
  references: z.array(z.object({ refType: z.string(), traceID: z.string(), spanID: z.string() })).default([]),
  tags: z.array(z.object({ key: z.string(), value: z.union([z.string(), z.number(), z.boolean()]) })).default([])
})
const answer = z.object({
  data: z
    .array(
      z.object({
        traceID: z.string(),
        spans: z.array(span),
        processes: z.record(z.string(), z.object({ serviceName: z.string() }))
      })
    )
    .nullable()
})

type JaegerSpan = z.infer<typeof span>

const LIMIT_MS = 5_000
/** How far back a search looks. */
const LOOKBACK = '168h'

/** A Jaeger, by the base URL of its query API. */
export type Jaeger = {
  /** Returns a trace. Undefined if Jaeger has no span of it: it was not sampled, or is too old. */
  read(traceId: string): Promise<Trace | undefined>
  /** Returns the ID of the trace that has a span of `service` with this attribute. */
  find(service: string, attribute: string, value: string): Promise<string | undefined>
}

/** Opens the query API of a Jaeger (version 1 or 2). Its functions fail if Jaeger does not answer within 5 seconds. */
export function jaeger(url: string): Jaeger {
  const base = url.replace(/\/$/, '')
  async function ask(path: string) {
    const failed = (reason: string) => new Failure(`Jaeger at ${base} cannot be asked: ${reason}`, 'Check --jaeger')
    const response = await fetch(`${base}${path}`, { signal: AbortSignal.timeout(LIMIT_MS) }).catch(error => {
      throw failed(reasonOf(error))
    })
    if (response.status === 404) return []
    if (!response.ok) throw failed(`it answers ${response.status}`)
    const { success, data } = answer.safeParse(await response.json().catch(() => undefined))
    if (!success) throw failed('its answer is not that of a Jaeger')
    return data.data ?? []
  }
  return {
    async read(traceId) {
      const [found] = await ask(`/api/traces/${traceId}`)
      if (!found || found.spans.length === 0) return undefined
      const linked = found.spans.flatMap(({ references }) => references.map(({ traceID }) => traceID.padStart(32, '0')))
      return {
        traceId,
        source: 'spans',
        entries: entriesOf(found.spans, id => found.processes[id]?.serviceName ?? '?'),
        linked: [...new Set(linked)].filter(id => id !== traceId)
      }
    },
    async find(service, attribute, value) {
      const tags = JSON.stringify({ [attribute]: JSON.stringify([value]) })
      const [found] = await ask(`/api/traces?${new URLSearchParams({ service, tags, lookback: LOOKBACK, limit: '1' })}`)
      return found?.traceID.padStart(32, '0')
    }
  }
}

/** Returns the spans as entries, each after its parent. A span whose parent is missing comes first, like the first span of a trace. */
function entriesOf(spans: JaegerSpan[], serviceOf: (process: string) => string): TraceEntry[] {
  const known = new Set(spans.map(({ spanID }) => spanID))
  // If a span also links to its parent, Jaeger shows only the link.
  const parentOf = ({ references }: JaegerSpan) =>
    ['CHILD_OF', 'FOLLOWS_FROM']
      .flatMap(type => references.filter(({ refType }) => refType === type))
      .find(({ spanID }) => known.has(spanID))?.spanID
  const children = Map.groupBy(
    spans.toSorted((one, other) => one.startTime - other.startTime),
    parentOf
  )
  const entries: TraceEntry[] = []
  const add = (parent: string | undefined, depth: number) => {
    for (const child of children.get(parent) ?? []) {
      entries.push(entryOf(child, serviceOf(child.processID), depth))
      add(child.spanID, depth + 1)
    }
  }
  add(undefined, 0)
  return entries
}

function entryOf({ operationName, startTime, duration, tags }: JaegerSpan, service: string, depth: number): TraceEntry {
  const tag = (key: string) => tags.find(candidate => candidate.key === key)?.value
  const status = tag('http.response.status_code') ?? tag('error.type')
  return {
    service,
    name: operationName,
    kind: kindOf(tag('span.kind'), tag('db.system.name') !== undefined),
    start: startTime / 1_000,
    end: (startTime + duration) / 1_000,
    depth,
    result: status === undefined ? undefined : String(status),
    isFailed: tag('error') === true || tag('otel.status_code') === 'ERROR'
  }
}

function kindOf(kind: unknown, isStore: boolean): TraceEntry['kind'] {
  if (kind === 'server') return 'request'
  if (kind === 'client') return isStore ? 'store' : 'call'
  return kind === 'producer' || kind === 'consumer' ? 'event' : 'step'
}
