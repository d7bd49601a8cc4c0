import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { type ProcessConfig, pause } from '../core/index.ts'
import { type Health, inspection, isRoutable, managementServer } from '../http/index.ts'

/** A service that is ready to listen. */
type ProcessOptions = {
  config: ProcessConfig
  app: RequestListener
  log: Logger
  registry: Registry
  /** Stops reading events and the workers. Called while draining, before the listener closes. */
  stopWork?: () => Promise<unknown>
  /** Publishes the remaining events and closes the stores. Called last. */
  close?: () => Promise<unknown>
  /** How long (ms) draining waits for `stopWork`, and then for `close`. */
  stepLimit?: number
}

/** The time-out of a whole request. It is long, because an upload may be slow. */
const REQUEST_MS = 600_000
/** The time-out of a request's headers. */
const HEADERS_MS = 15_000
/** How long a draining service waits for running requests. */
const FINISH_MS = 25_000
/** How long it waits for its work, and then for its stores, to end. The sum of all times is less than the grace period of a pod. */
const STEP_MS = 14_000
/** How long it waits for requests to the management port, such as a profile. */
const MANAGEMENT_MS = 5_000
/** The answer to CONNECT. A service is no proxy (RFC 9110, section 9.3.6). */
const NO_TUNNEL = 'HTTP/1.1 405 Method Not Allowed\r\nAllow:\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

/** A server that listens on both ports. */
type RunningServer = {
  port: number
  managementPort: number
  /**
   * Ends the server in these steps: it is not ready, but still answers for `DRAIN_SECONDS`, with `Connection: close`; it stops its work,
   * for at most 14 s; it closes the listener and finishes running requests, for at most 25 s; it closes the stores, for at most 14 s.
   */
  drain(): Promise<void>
}

/** Listens on both ports, and resolves when the service is ready. Rejects if a port is taken, and then leaves no port open. */
export async function serve(options: ProcessOptions): Promise<RunningServer> {
  const { config, app, log, registry, stopWork, close, stepLimit = STEP_MS } = options
  const health: Health = { ready: false }
  const management = managementServer({ health, registry, inspect: inspection({ isOn: config.INSPECTION, log }) })
  const isTooOld = connectionAgeCheck(config.CONNECTION_SECONDS * 1000)
  let isDraining = false
  const times = {
    keepAliveTimeout: config.KEEP_ALIVE_SECONDS * 1000,
    requestTimeout: REQUEST_MS,
    headersTimeout: HEADERS_MS
  }
  const api = createServer(times, (request, response) => {
    if (isDraining || isTooOld(request.socket)) response.setHeader('Connection', 'close')
    if (isRoutable(request.url)) app(request, response)
    else response.writeHead(400, { Connection: 'close' }).end()
  })
  api.on('connect', (_request, socket) => socket.end(NO_TUNNEL))
  await listen(management, config.OPS_PORT, config.HOST)
  try {
    await listen(api, config.PORT, config.HOST)
  } catch (error) {
    await finish(management, MANAGEMENT_MS)
    throw error
  }
  health.ready = true

  async function drain() {
    log.info('draining')
    isDraining = true
    health.ready = false
    await setTimeout(config.DRAIN_SECONDS * 1000)
    await step('Stopping the work', stopWork)
    await finish(api, FINISH_MS)
    await step('Closing the stores', close)
    await finish(management, MANAGEMENT_MS)
    log.info('stopped')
  }

  /** Runs a step of draining. A step that takes too long is logged and left behind, because the process must end. */
  async function step(name: string, run: () => Promise<unknown> = async () => undefined) {
    const limit = new AbortController()
    const late = pause(stepLimit, limit.signal).then(() => {
      if (!limit.signal.aborted) log.error(`${name} did not end within ${stepLimit} ms, and is given up`)
    })
    await Promise.race([run(), late]).finally(() => limit.abort())
  }
  return { port: portOf(api), managementPort: portOf(management), drain }
}

/**
 * Returns a function that reports whether a connection is too old. The maximum age of a connection is random, between half of `maxAge` (ms)
 * and `maxAge`, so that not all connections end at once.
 */
function connectionAgeCheck(maxAge: number) {
  const ends = new WeakMap<Socket, number>()
  return (socket: Socket) => {
    const end = ends.get(socket) ?? performance.now() + maxAge * (1 - Math.random() / 2)
    ends.set(socket, end)
    return performance.now() > end
  }
}

/** Drains at SIGTERM or SIGINT, and then ends the process with code 0. The code is 1 if draining fails, or at a second signal. */
export function drainOnSignal(drain: () => Promise<void>, log: Logger): void {
  let signals = 0
  const stop = async () => {
    if (++signals > 1) process.exit(1)
    let code = 0
    try {
      await drain()
    } catch (error) {
      log.fatal({ err: error }, 'draining failed')
      code = 1
    }
    process.exit(code)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

async function listen(server: Server, port: number, host: string) {
  server.listen(port, host)
  await once(server, 'listening')
}

async function finish(server: Server, milliseconds: number) {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const limit = new AbortController()
  await Promise.race([closed, pause(milliseconds, limit.signal)])
  limit.abort()
  server.closeAllConnections()
}

function portOf(server: Server) {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port')
  return address.port
}
