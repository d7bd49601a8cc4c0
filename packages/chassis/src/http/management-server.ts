import { createServer, type Server } from 'node:http'
import type { Registry } from 'prom-client'
import type { Inspection } from './inspection.ts'
import { OPEN_METRICS, openMetricsText, wantsOpenMetrics } from './open-metrics.ts'

/** The state of the process, as the management port shows it. */
export type Health = {
  /** True if the process has started and does not drain. It never depends on other services. */
  ready: boolean
}

type Options = { health: Health; registry: Registry; inspect: Inspection }

/**
 * Creates the server of the management port. It is not the API's server, so that no API layer can expose it. `/livez` answers while the
 * event loop runs. `/readyz` answers 503 until the service has started, and while it drains. `/metrics` is for Prometheus, in its own text
 * format, or in OpenMetrics if the scrape asks for that. `inspect` answers requests that look inside the process.
 */
export function managementServer({ health, registry, inspect }: Options): Server {
  return createServer(async (request, response) => {
    const inspecting = inspect(request, response)
    if (inspecting) return inspecting
    const { method, url, headers } = request
    const answer = (status: number, text: string, type = 'text/plain') =>
      response.writeHead(status, { 'Content-Type': type }).end(text)
    if (method !== 'GET' && method !== 'HEAD') return answer(405, 'GET only\n')
    if (url === '/livez') return answer(200, 'alive\n')
    if (url === '/readyz') return health.ready ? answer(200, 'ready\n') : answer(503, 'not ready\n')
    if (url !== '/metrics') return answer(404, 'Not found. Ask for /livez, /readyz or /metrics\n')
    try {
      if (wantsOpenMetrics(headers.accept)) answer(200, await openMetricsText(registry), OPEN_METRICS)
      else answer(200, await registry.metrics(), registry.contentType)
    } catch (cause) {
      answer(500, `The metrics can't be collected: ${String(cause)}\n`)
    }
  })
}
