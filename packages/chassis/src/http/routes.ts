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

/** Milliseconds in which a JSON body must be here. */
const BODY_MS = 15_000

/** The network of a client. Undefined for a call that does not come through the gateway: all these count as one network. */
export type ClientNetwork = string | undefined

/** The query of an operation that defines none. */
const NO_PARAMETERS = z.object({})

/** What a handler gets: the input by the operation's schemas, and the request's context. */
export type Call<P, Q, B> = {
  params: P
  query: Q
  body: B
  /** The file of an operation with `upload`, as it comes in. Rejects with the Problem of what is wrong with it. */
  upload: AsyncIterable<Buffer>
  /** The version that the caller of a `guarded` operation read. */
  ifMatch: number
  /** Of a `keyed` operation whose caller sent a key, as all must of one that requires it. */
  requestKey: RequestKey | undefined
  context: Context
  /** From `X-Forwarded-For`, where the gateway replaces the value that the client sent. */
  network: ClientNetwork
  header: (name: string) => string | undefined
}

/**
 * What a handler answers with. A body of undefined sends none. A 201 of a creation gets its `Location` by the body's `id`. `events` are
 * those of an operation with `stream`.
 */
export type Answer = {
  status: number
  body?: unknown
  events?: AsyncIterable<ServerSentEvent>
  headers?: Record<string, string | string[]>
}

/** An answer that an operation has: of a status that it names, with the body that it says. */
type AnswerOf<A extends Answers> = {
  [Status in keyof A & number]: { status: Status; headers?: Answer['headers'] } & BodyOf<A[Status]['body']>
}[keyof A & number]

type BodyOf<B extends z.ZodType | null> = B extends z.ZodType
  ? { body: z.input<B> } | { events: AsyncIterable<ServerSentEvent> }
  : { body?: undefined }

/** A router whose routes are operations. Each handler runs only for who may call it and only with valid input. */
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

/** The context that the app made for this request. */
export const contextOf = (response: Response) => response.locals.context as Context

/**
 * Where what was created is (RFC 9110, section 10.2.2): a reference relative to the path asked for (RFC 3986, section 5.2), and so right
 * here and behind the gateway, whatever prefix it takes off.
 */
function locationOf({ path }: Request, { body }: Answer) {
  const list = path.slice(path.lastIndexOf('/') + 1)
  return `${list}/${encodeURIComponent((body as { id: string }).id)}`
}

/** Not by `response.json`, which would answer 304 by itself: whether a reader has all of an answer is for its operation to say. */
const JSON_TYPE = 'application/json; charset=utf-8'

function send(response: Response, { status, body, headers }: Answer) {
  for (const name in headers) response.setHeader(name, headers[name]!)
  response.status(status)
  if (body === undefined) response.end()
  else response.setHeader('Content-Type', JSON_TYPE).end(JSON.stringify(body))
}

/** Makes what reads a body of at most `limit` bytes. It rejects with a 413 for a larger one and a 408 for one that takes over 15 s. */
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
