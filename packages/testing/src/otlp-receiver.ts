import { httpServer } from './http-server.ts'
import { partsOf, readFields } from './protobuf.ts'

/** A span as the receiver got it. IDs are in hexadecimal digits, times in milliseconds since the epoch. */
export type ReceivedSpan = {
  /** The attributes of the resource. */
  resource: Attributes
  traceId: string
  spanId: string
  /** Empty for the first span of a trace. */
  parentSpanId: string
  name: string
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  start: number
  end: number
  attributes: Attributes
  /** The IDs of the spans that it links to. */
  links: string[]
  isFailed: boolean
}

type Attributes = Record<string, string | number | string[]>

const KINDS = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const
const FAILED = 2

/**
 * Starts a receiver of OTLP over HTTP with protobuf (opentelemetry.io/docs/specs/otlp), which keeps all spans. Its answers have `status`,
 * which a test may change.
 */
export async function otlpReceiver() {
  const spans: ReceivedSpan[] = []
  const requests: { path: string; headers: NodeJS.Dict<string | string[]> }[] = []
  const receiver = { spans, requests, status: 200 }
  const server = await httpServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray())
    requests.push({ path: request.url ?? '', headers: request.headers })
    if (receiver.status === 200) spans.push(...readSpans(body))
    response.writeHead(receiver.status).end()
  })
  return Object.assign(receiver, server)
}

/** Reads the spans of an ExportTraceServiceRequest (opentelemetry-proto, trace.proto). */
export const readSpans = (request: Buffer): ReceivedSpan[] =>
  partsOf(request, 1).flatMap(resourceSpans => {
    const resource = Object.assign({}, ...partsOf(resourceSpans, 1).map(part => readAttributes(part, 1)))
    const scopes = partsOf(resourceSpans, 2)
    return scopes.flatMap(scope => partsOf(scope, 2).map(span => readSpan(span, resource)))
  })

function readSpan(span: Buffer, resource: Attributes): ReceivedSpan {
  const text = (number: number, encoding: BufferEncoding = 'hex') => partsOf(span, number)[0]?.toString(encoding) ?? ''
  const value = (number: number) => Number(readFields(span).find(field => field.number === number)?.value ?? 0)
  const [status = Buffer.alloc(0)] = partsOf(span, 15)
  return {
    resource,
    traceId: text(1),
    spanId: text(2),
    parentSpanId: text(4),
    name: text(5, 'utf8'),
    kind: KINDS[value(6)] ?? 'internal',
    start: value(7) / 1e6,
    end: value(8) / 1e6,
    attributes: readAttributes(span, 9),
    links: partsOf(span, 13).map(link => partsOf(link, 2)[0]?.toString('hex') ?? ''),
    isFailed: readFields(status).some(({ number, value }) => number === 3 && Number(value) === FAILED)
  }
}

const readAttributes = (message: Buffer, number: number): Attributes =>
  Object.fromEntries(
    partsOf(message, number).map(pair => [partsOf(pair, 1)[0]?.toString(), readValue(partsOf(pair, 2)[0])])
  )

/** Reads an AnyValue: a text, a number or a list of texts. */
function readValue(value: Buffer | undefined): string | number | string[] {
  const [field] = value ? readFields(value) : []
  if (field === undefined) return ''
  if (!Buffer.isBuffer(field.value)) return Number(field.value)
  return field.number === 5 ? partsOf(field.value, 1).map(item => String(readValue(item))) : field.value.toString()
}
