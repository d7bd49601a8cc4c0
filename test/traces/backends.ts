import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { otlpReceiver } from '../../packages/testing/src/otlp-receiver.ts'
import { until } from '../../packages/testing/src/until.ts'

/** A span as both backends show it. */
export type StoredSpan = {
  service: string
  name: string
  traceId: string
  spanId: string
  /** The IDs of its parent and of the spans to which it links. */
  parentId: string | undefined
  links: { traceId: string | undefined; spanId: string }[]
}

/** A receiver of spans that keeps them. */
export type Backend = {
  /** The base URL to which services send spans. */
  endpoint: string
  /** The URL of Jaeger's query API. */
  jaegerUrl: string | undefined
  spansOf(traceId: string): Promise<StoredSpan[]>
  /** Returns the ID of the trace that has a span. */
  stop(): Promise<void>
}

const OFFSETS = { otlp: 293, jaeger: 294 }
const root = join(import.meta.dirname, '../..')

/** Starts Jaeger on the ports of a stack. Undefined if it is not built. */
export async function startJaeger(portBase: number): Promise<Backend | undefined> {
  const cache = process.env.BULKHEAD_CACHE ?? join(homedir(), '.cache/bulkhead')
  if (!existsSync(join(cache, 'bin/jaeger'))) return undefined
  const env = { ...process.env, PORT_BASE: String(portBase) }
  const child = spawn(join(root, 'scripts/jaeger.sh'), { env, stdio: ['ignore', 'inherit', 'inherit'] })
  const end = () => child.kill()
  process.once('exit', end)
  const jaegerUrl = `http://127.0.0.1:${portBase + OFFSETS.jaeger}`
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`Jaeger ended with ${child.exitCode}`)
    return fetch(`${jaegerUrl}/api/services`).then(
      ({ ok }) => ok,
      () => false
    )
  })
  return {
    endpoint: `http://127.0.0.1:${portBase + OFFSETS.otlp}`,
    jaegerUrl,
    async spansOf(traceId) {
      const { data } = (await (await fetch(`${jaegerUrl}/api/traces/${traceId}`)).json()) as JaegerAnswer
      const [trace] = data ?? []
      return trace?.spans.map(span => toStored(span, trace.processes)) ?? []
    },
    async stop() {
      process.off('exit', end)
      const ended = once(child, 'exit')
      if (child.kill()) await ended
    }
  }
}

type JaegerSpan = {
  traceID: string
  spanID: string
  operationName: string
  processID: string
  references: { refType: string; traceID: string; spanID: string }[]
}
type JaegerAnswer = { data: { spans: JaegerSpan[]; processes: Record<string, { serviceName: string }> }[] | null }

function toStored({ traceID, spanID, operationName, processID, references }: JaegerSpan, processes: JaegerProcesses) {
  const parent = references.find(({ refType }) => refType === 'CHILD_OF')
  // If a span also links to its parent, Jaeger shows only the link.
  const linkedParent = references.find(reference => reference.traceID === traceID)
  return {
    service: processes[processID]!.serviceName,
    name: operationName,
    traceId: traceID,
    spanId: spanID,
    parentId: (parent ?? linkedParent)?.spanID,
    links: references
      .filter(({ refType }) => refType === 'FOLLOWS_FROM')
      .map(link => ({ traceId: link.traceID, spanId: link.spanID }))
  }
}
type JaegerProcesses = Record<string, { serviceName: string }>

/** Starts the receiver of the tests, for machines without Jaeger. */
export async function startReceiver(): Promise<Backend> {
  const receiver = await otlpReceiver()
  return {
    endpoint: receiver.url,
    jaegerUrl: undefined,
    spansOf: async wanted =>
      receiver.spans
        .filter(({ traceId }) => traceId === wanted)
        .map(({ resource, name, traceId, spanId, parentSpanId, links }) => ({
          service: String(resource['service.name']),
          name,
          traceId,
          spanId,
          parentId: parentSpanId || undefined,
          links: links.map(link => ({
            traceId: receiver.spans.find(span => span.spanId === link)?.traceId,
            spanId: link
          }))
        })),
    stop: receiver.stop
  }
}
