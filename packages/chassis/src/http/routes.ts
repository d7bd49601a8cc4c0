import express, { type Request, type Response, Router } from 'express'
import * as z from 'zod'
import {
  type Answers,
  BODY_LIMIT,
  expectedVersion,
  isCreation,
  type Operation,
  type RequestKey,
  requestKeyOf
} from '../contract/index.ts'
import { bodyTooSlow, type Context, tooLarge } from '../core/index.ts'
import { checkAccess } from './access.ts'
import { type ServerSentEvent, sendEvents } from './event-stream.ts'
import { type InputReader, inputReader, readJson, refuseRepeated } from './input.ts'
import { openUpload } from './upload.ts'

/** The time-out of reading a JSON body, in milliseconds. */
const BODY_MS = 15_000

/** The network of a client. Undefined for a call that does not come through the gateway. All such calls count as one network. */
export type ClientNetwork = string | undefined

/** The query schema of an operation that defines none. */
const NO_PARAMETERS = z.object({})

/** The argument of a handler: the input, parsed by the operation's schemas, and the request's context. */
export type Call<P, Q, B> = {
  params: P
  query: Q
  body: B
  /** The file of an operation with `upload`, as it arrives. Reading it may reject with a Problem, see `openUpload`. */
  upload: AsyncIterable<Buffer>
  /** The version that the caller of a `guarded` operation read. */
  ifMatch: number
  /** The key of a `keyed` operation. Undefined if the caller sent none, which an operation with `keyed: 'required'` refuses. */
  requestKey: RequestKey | undefined
  context: Context
  /** The value of `X-Forwarded-For`. The gateway replaces the value that the client sent. */
  network: ClientNetwork
  header: (name: string) => string | undefined
}

/**
 * The answer of a handler. Without `body`, the answer has no body. A 201 of a creation gets a `Location` with the body's `id`. `events` is
 * for an operation with `stream`.
 */
export type Answer = {
  status: number
  body?: unknown
  events?: AsyncIterable<ServerSentEvent>
  headers?: Record<string, string | string[]>
}

/** An answer that an operation defines: one of its statuses, with the body of that status. */
type AnswerOf<A extends Answers> = {
  [Status in keyof A & number]: { status: Status; headers?: Answer['headers'] } & BodyOf<A[Status]['body']>
}[keyof A & number]

type BodyOf<B extends z.ZodType | null> = B extends z.ZodType
  ? { body: z.input<B> } | { events: AsyncIterable<ServerSentEvent> }
  : { body?: undefined }

/** Creates a router whose routes are operations. A handler runs only for callers that its operation allows, and only with valid input. */
export function operations() {
  const router = Router({ caseSensitive: true, strict: true })
  return {
    router,
    handle<
      P extends z.ZodObject,
      Q extends z.ZodObject,
      B extends z.ZodType,
      A extends Answers,
      const R extends AnswerOf<A>
    >(operation: Operation<P, Q, B, A>, handler: (call: Call<z.infer<P>, z.infer<Q>, z.infer<B>>) => Promise<R>) {
      const { params, query = NO_PARAMETERS, body, upload } = operation
      const path = operation.path.replaceAll(/\{(\w+)\}/g, ':$1')
      const limit = operation.bodyLimit ?? BODY_LIMIT
      const readParams = params && inputReader('params', params)
      const readQuery = inputReader('query', query)
      const readBody = body && inputReader('body', body)
      const readBytes = bodyReader(limit)
      const creates = isCreation(operation)
      const keyOf = (request: Request, { caller }: Context) => {
        const owner = operation.keysOf === 'resource' ? 'resource' : caller
        return requestKeyOf(request.get('idempotency-key'), owner, operation.keyed === 'required')
      }
      router[operation.method](path, async (request, response) => {
        const context = contextOf(response)
        response.locals.operation = operation.id
        checkAccess(context.caller, operation.callers)
        const read = <T>(reader: InputReader<T>, given: unknown): T => {
          const { value, unknownFields } = reader(given, context.caller)
          response.locals.unknownFields = unknownFields + (response.locals.unknownFields ?? 0)
          return value
        }
        refuseRepeated(request.query, query)
        const call = {
          params: readParams && read(readParams, request.params),
          query: read(readQuery, request.query),
          body: readBody && read(readBody, readJson(await readBytes(request, response))),
          upload: upload && openUpload(request, upload),
          ifMatch: operation.guarded && expectedVersion(request.get('if-match')),
          requestKey: operation.keyed && keyOf(request, context),
          context,
          network: request.get('x-forwarded-for'),
          header: (name: string) => request.get(name)
        } as Call<z.infer<P>, z.infer<Q>, z.infer<B>>
        const answer: Answer = await handler(call)
        if (creates && answer.status === 201) response.location(locationOf(request, answer))
        if (answer.events && request.method !== 'HEAD') await sendEvents(response, answer.events)
        else send(response, answer)
      })
      return this
    }
  }
}

/** Returns the context that the app created for this request. */
export const contextOf = (response: Response) => response.locals.context as Context

/**
 * Returns the `Location` of a created resource (RFC 9110, section 10.2.2), relative to the path of the request (RFC 3986, section 5.2). So
 * it is right with and without the gateway, whatever prefix the gateway removes.
 */
function locationOf({ path }: Request, { body }: Answer) {
  const list = path.slice(path.lastIndexOf('/') + 1)
  return `${list}/${encodeURIComponent((body as { id: string }).id)}`
}

/**
 * The media type of an answer with JSON. `response.json` is not used, because it may answer 304 by itself, which only the operation may
 * decide.
 */
const JSON_TYPE = 'application/json; charset=utf-8'

function send(response: Response, { status, body, headers }: Answer) {
  for (const name in headers) response.setHeader(name, headers[name]!)
  response.status(status)
  if (body === undefined) response.end()
  else response.setHeader('Content-Type', JSON_TYPE).end(JSON.stringify(body))
}

/**
 * Returns a function that reads a body of at most `limit` bytes. The function rejects with a 413 for a larger body, and with a 408 for a
 * body that takes longer than 15 s.
 */
export function bodyReader(limit: number) {
  const read = express.raw({ type: () => true, limit })
  return async (request: Request, response: Response): Promise<Uint8Array> => {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(bodyTooSlow()), BODY_MS)
      read(request, response, (error?: unknown) => {
        clearTimeout(timer)
        if (!error) resolve()
        else reject((error as { type?: string }).type === 'entity.too.large' ? tooLarge(limit) : error)
      })
    })
    return request.body ?? new Uint8Array()
  }
}
