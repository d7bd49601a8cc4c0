/** Runs before the service's own code, and answers the readiness check in its place. */
const PROGRAM = `
import { Server } from 'node:http'
const { emit } = Server.prototype
Server.prototype.emit = function (name, request, response) {
  if (name !== 'request' || request.url !== '/readyz') return emit.apply(this, arguments)
  response.writeHead(503).end('never ready\\n')
  return true
}
`

/** The value of NODE_OPTIONS for a service that is alive and serves, but is never ready. */
export const NEVER_READY = `--import=data:text/javascript;base64,${Buffer.from(PROGRAM).toString('base64')}`
