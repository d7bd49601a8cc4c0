import type { EventEmitter } from 'node:events'
// @ts-expect-error: the driver's types do not include this module
import * as internals from 'mongodb/lib/cmap/connection.js'

const driversConnection: {
  onClose(this: { socket: EventEmitter }): void
} = internals.Connection.prototype
const { onClose } = driversConnection

/**
 * Works around a fault of the driver (7.9.0): a command may be sent on a socket that has ended and is not closed yet.
 * `Connection.writeCommand` then waits for a `drain` that never comes, without a time-out, so that the operation hangs. If it is the
 * monitor's hello, the server stays unknown until a restart. After this call, a connection that closes emits `drain`, and the write fails
 * with the error of the connection.
 */
export function failWritesOfClosedConnections() {
  driversConnection.onClose = function () {
    onClose.call(this)
    this.socket.emit('drain')
  }
}
