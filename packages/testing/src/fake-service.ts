import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Need, Needs } from '@bulkhead/chassis/contract'
import { httpServer } from './http-server.ts'

/** A received request: its path and query parameters as texts, and its JSON body. */
export type Asked = {
  operation: string
  params: Record<string, string>
  query: Record<string, string>
  body: unknown
  authorization: string | undefined
}

/** The answer of a fake: a status, 200 by default, and a JSON body. */
export type FakeAnswer = { status?: number; body?: unknown; headers?: Record<string, string> }

/** A server in place of a service. See `fakeService`. */
export type FakeService<Operations extends Record<string, Need> = Record<string, Need>> = {
  /** The received requests, in order. */
  asked: Asked[]
  url: string
  /** Answers an operation with the result of `answer`. */
  answer(operation: keyof Operations & string, answer: (asked: Asked) => FakeAnswer): void
  /** Lets `respond` answer an operation, for answers that are not JSON. */
  respond(operation: keyof Operations & string, respond: RequestListener): void
  /** Answers an operation with a status, 500 by default. */
  fail(operation: keyof Operations & string, status?: number, headers?: Record<string, string>): void
  /** Never answers an operation. */
  hang(operation: keyof Operations & string): void
  /** Closes all connections and refuses new ones. */
  stop(): Promise<void>
  /** Listens again at the same address, with the same answers. */
  startAgain(): Promise<void>
}

/**
 * Starts an HTTP server in place of the service that `needs` names. It answers 404 to an operation until a test sets its answer, and to
 * requests that match no operation of `needs`.
 */
export async function fakeService<Operations extends Record<string, Need>>({
  operations
}: Needs<Operations>): Promise<FakeService<Operations>> {
  const asked: Asked[] = []
  const answers = new Map<string, (asked: Asked, request: IncomingMessage, response: ServerResponse) => unknown>()
  const routes = Object.entries(operations).map(([name, need]) => ({ name, ...need, pattern: patternOf(need.path) }))

  const http = await httpServer(async (request, response) => {
    let text = ''
    try {
      for await (const part of request) text += part
    } catch {
      return // The caller closed the connection.
    }
    const { pathname, searchParams } = new URL(request.url!, 'http://fake')
    for (const { name, method, pattern } of routes) {
      const match = pattern.exec(pathname)
      if (!match || method !== request.method!.toLowerCase()) continue
      const params = Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)])
      const call: Asked = {
        operation: name,
        params: Object.fromEntries(params),
        query: Object.fromEntries(searchParams),
        body: text === '' ? undefined : JSON.parse(text),
        authorization: request.headers.authorization
      }
      asked.push(call)
      const answer = answers.get(name)
      if (answer) return answer(call, request, response)
    }
    send(response, { status: 404, body: {} })
  })

  return {
    asked,
    url: http.url,
    answer(operation: keyof Operations & string, answer: (asked: Asked) => FakeAnswer) {
      answers.set(operation, (asked, _request, response) => send(response, answer(asked)))
    },
    respond(operation: keyof Operations & string, respond: RequestListener) {
      answers.set(operation, (_asked, request, response) => respond(request, response))
    },
    fail(operation: keyof Operations & string, status = 500, headers = {}) {
      answers.set(operation, (_asked, _request, response) => send(response, { status, body: {}, headers }))
    },
    hang(operation: keyof Operations & string) {
      answers.set(operation, () => undefined)
    },
    stop: http.stop,
    startAgain: http.startAgain
  }
}

function send(response: ServerResponse, { status = 200, body, headers = {} }: FakeAnswer) {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}

/** Returns the pattern of a path template, with a group for each parameter. */
const patternOf = (path: string) => new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)
