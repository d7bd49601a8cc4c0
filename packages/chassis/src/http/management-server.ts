import { createServer, type Server } from 'node:http'
import type { Registry } from 'prom-client'

/** What the management port tells about the process. */
export type Health = {
  /** Started and not draining. It never depends on another service. */
  ready: boolean
}

/**
 * The server of the management port, apart from the API's so that no API layer can expose it: `/livez` answers while the event loop
 * turns, `/readyz` with 503 before the start is over and while draining, `/metrics` for Prometheus.
 */
export function managementServer({ health, registry }: { health: Health; registry: Registry }): Server {
  return createServer(async ({ method, url }, response) => {
    const say = (status: number, text: string, type = 'text/plain') =>
      response.writeHead(status, { 'Content-Type': type }).end(text)
    if (method !== 'GET' && method !== 'HEAD') return say(405, 'GET only\n')
    if (url === '/livez') return say(200, 'alive\n')
    if (url === '/readyz') return health.ready ? say(200, 'ready\n') : say(503, 'not ready\n')
    if (url !== '/metrics') return say(404, 'There are /livez, /readyz and /metrics\n')
    try {
      say(200, await registry.metrics(), registry.contentType)
    } catch (cause) {
      say(500, `The metrics can't be collected: ${String(cause)}\n`)
    }
  })
}
