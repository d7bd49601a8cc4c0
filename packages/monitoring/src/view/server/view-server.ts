import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { rangeNamed } from '../ranges.ts'
import { viewAnswers } from './answers.ts'
import { bundlePage } from './assets.ts'
import { collect } from './collect.ts'
import { documentOf, runbookDocument } from './document.ts'
import { runbooksIn } from './runbooks.ts'

export type ViewOptions = {
  /** The port on 127.0.0.1; 0 for a free one. */
  port: number
  /** The URL of Prometheus, without a path. */
  prometheus: string
  /** The URL of Alertmanager, without a path. */
  alertmanager: string
  /** The value of the label `namespace` of the installation. */
  namespace: string
  /** The IDs of the operations whose answers stay open. Their durations are left out. */
  streams: string[]
  /** The folder with a Markdown file for each alert. */
  runbooks: string
  isStackRunning: () => boolean
  say: (line: string) => void
}

/** The running server of the operator's view. */
export type View = { url: string; close: () => Promise<void> }

const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store'
}
const REQUEST_LIMIT = 10_000
const MAX_CONNECTIONS = 100

type Answer = { status: number; type: string; body: string }

/**
 * Serves the operator's view on 127.0.0.1. It answers only GET and HEAD, runs only the queries of its own panels, and refuses other names of
 * the host, so that no page of another site can read it (DNS rebinding).
 */
export async function openView(options: ViewOptions): Promise<View> {
  const assets = await bundlePage()
  const runbooks = runbooksIn(options.runbooks)
  const sources = { ...options, runbookOf: runbooks.pathOf }
  const answerOf = viewAnswers({
    collect: range => collect(sources, range, Date.now()),
    clock: () => performance.now(),
    say: options.say
  })
  const page = documentOf(options)

  async function answerTo(path: string, parameters: URLSearchParams): Promise<Answer> {
    if (path === '/') return html(page)
    if (path === '/view.js') return { status: 200, type: 'text/javascript', body: assets.script }
    if (path === '/view.css') return { status: 200, type: 'text/css', body: assets.style }
    if (path === '/api/view') {
      const range = rangeNamed(parameters.get('range'))
      return range ? json(await answerOf(range)) : plain(400, 'There is no such range')
    }
    const [, alert] = /^\/runbooks\/([^/]+)$/.exec(path) ?? []
    const runbook = alert && runbooks.textOf(alert)
    return runbook ? html(runbookDocument(alert, runbook)) : plain(404, 'There is no such page')
  }

  const server = createServer({ requestTimeout: REQUEST_LIMIT, headersTimeout: REQUEST_LIMIT }, (request, response) => {
    void respond(request, response, answerTo, options.say)
  })
  server.maxConnections = MAX_CONNECTIONS
  const port = await listen(server, options.port)
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answerTo: (path: string, parameters: URLSearchParams) => Promise<Answer>,
  say: (line: string) => void
) {
  const { status, type, body } = await answerOrRefuse(request, answerTo).catch((error: Error) => {
    say(`The view cannot answer ${request.url}: ${error.message}`)
    return plain(500, 'The view cannot answer')
  })
  response.writeHead(status, {
    ...HEADERS,
    'Content-Type': `${type}; charset=utf-8`,
    ...(status === 405 && { Allow: 'GET, HEAD' })
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

async function answerOrRefuse(
  { method, url = '/', headers, socket }: IncomingMessage,
  answerTo: (path: string, parameters: URLSearchParams) => Promise<Answer>
): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'Only GET is allowed')
  if (!isOwnName(headers.host, socket.localPort)) return plain(421, 'Use the address 127.0.0.1')
  const given = URL.parse(url, 'http://127.0.0.1')
  return given ? answerTo(given.pathname, given.searchParams) : plain(400, 'The address is invalid')
}

const isOwnName = (host: string | undefined, port: number | undefined) =>
  host === `127.0.0.1:${port}` || host === `localhost:${port}`

const html = (body: string): Answer => ({ status: 200, type: 'text/html', body })
const json = (value: unknown): Answer => ({ status: 200, type: 'application/json', body: JSON.stringify(value) })
const plain = (status: number, body: string): Answer => ({ status, type: 'text/plain', body })

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
}
