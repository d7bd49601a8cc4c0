import { replyCode } from './redis-errors.ts'

/** Error codes of a server that is not the primary now, so that a new connection may lead to another server. */
const NOT_PRIMARY = new Set<unknown>([
  'READONLY', // the server is a replica
  'LOADING', // the server loads its data, as a demoted server does
  'MASTERDOWN', // the server is a replica that lost its primary
  'NOREPLICAS', // the server is a primary that lost its replicas, which may have a new one
  'UNBLOCKED' // the server became a replica while the command waited
])

/** Minimum time (ms) between two reconnections, so that reads go on while the address still leads to a replica. */
const INTERVAL_MS = 1_000

/**
 * Returns the option `reconnectOnError` of a connection. An address that moved in a fail-over keeps its open connections, so a client must
 * leave a demoted server by itself. The failed command is not sent again: the server has not run it, but it may be a part of a transaction,
 * and its caller must not wait.
 */
export function leaveDemotedServer(): (error: Error) => boolean {
  let last = Number.NEGATIVE_INFINITY
  return error => {
    const now = performance.now()
    if (!NOT_PRIMARY.has(replyCode(error)) || now - last < INTERVAL_MS) return false
    last = now
    return true
  }
}
