/** Runs before the service's own code, and answers for it where it is asked whether it is ready. */
const PROGRAM = `
import { Server } from 'node:http'
const { emit } = Server.prototype
Server.prototype.emit = function (name, request, response) {
  if (name !== 'request' || request.url !== '/readyz') return emit.apply(this, arguments)
  response.writeHead(503).end('never ready\\n')
  return true
}
`

/** What NODE_OPTIONS is to be for a service that lives and serves, and says for good that it is not ready. */
export const NEVER_READY = `--import=data:text/javascript;base64,${Buffer.from(PROGRAM).toString('base64')}`
