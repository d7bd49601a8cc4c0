import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { flushLog, type ProcessConfig, pause } from '../core/index.ts'
import { type Health, isRoutable, managementServer } from '../http/index.ts'

type Service = {
  config: ProcessConfig
  app: RequestListener
  log: Logger
  registry: Registry
  /** Stops reading events. Called when draining, before the listener closes. */
  stopReading?: () => Promise<unknown>
  /** Relays what is left in the outbox and closes the stores. Called last. */
  close?: () => Promise<unknown>
}

/** For a whole request: an upload takes as long as its sender's connection does. */
const REQUEST_MS = 600_000
const HEADERS_MS = 15_000
const FINISH_MS = 25_000
/** The answer to CONNECT, whose target is no resource of ours (RFC 9110, section 9.3.6). */
const NO_TUNNEL = 'HTTP/1.1 405 Method Not Allowed\r\nAllow:\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'

/**
 * Listens on both ports and resolves when ready, with a function that drains: not ready but serving on for `DRAIN_SECONDS` with
 * `Connection: close`; no more events; listener closed and requests finished (25 s at most); stores closed. Rejects if a port is taken, with
 * no port left open.
 */
export async function serve({ config, app, log, registry, stopReading, close }: Service) {
  const health: Health = { ready: false }
  const operations = managementServer({ health, registry })
  const isOld = connectionAges(config.CONNECTION_SECONDS * 1000)
  let draining = false
  const times = {
    keepAliveTimeout: config.KEEP_ALIVE_SECONDS * 1000,
    requestTimeout: REQUEST_MS,
    headersTimeout: HEADERS_MS
  }
  const api = createServer(times, (request, response) => {
    if (draining || isOld(request.socket)) response.setHeader('Connection', 'close')
    if (isRoutable(request.url)) app(request, response)
    else response.writeHead(400, { Connection: 'close' }).end()
  })
  api.on('connect', (_request, socket) => socket.end(NO_TUNNEL))
  await listen(operations, config.OPS_PORT, config.HOST)
  try {
    await listen(api, config.PORT, config.HOST)
  } catch (error) {
    await finish(operations)
    throw error
  }
  health.ready = true

  async function drain() {
    log.info('draining')
    draining = true
    health.ready = false
    await setTimeout(config.DRAIN_SECONDS * 1000)
    await stopReading?.()
    await finish(api)
    await close?.()
    await finish(operations)
    log.info('stopped')
  }
  return { port: portOf(api), operationsPort: portOf(operations), drain }
}

/** Tells whether a connection that was seen before is over its time: `most` milliseconds, less up to a half so that not all end at once. */
function connectionAges(most: number) {
  const ends = new WeakMap<Socket, number>()
  return (socket: Socket) => {
    const end = ends.get(socket) ?? performance.now() + most * (1 - Math.random() / 2)
    ends.set(socket, end)
    return performance.now() > end
  }
}

/** Ends the process with code 0 when SIGTERM or SIGINT came and `drain` is over; with 1 when draining failed, or at a second signal. */
export function drainOnSignal(drain: () => Promise<void>, log: Logger) {
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
    await flushLog(log)
    process.exit(code)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

async function listen(server: Server, port: number, host: string) {
  server.listen(port, host)
  await once(server, 'listening')
}

async function finish(server: Server) {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const limit = new AbortController()
  await Promise.race([closed, pause(FINISH_MS, limit.signal)])
  limit.abort()
  server.closeAllConnections()
}

function portOf(server: Server) {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port')
  return address.port
}
