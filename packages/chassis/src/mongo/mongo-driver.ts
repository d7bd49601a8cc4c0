import type { EventEmitter } from 'node:events'
// @ts-expect-error: the driver's types do not include this module
import * as internals from 'mongodb/lib/cmap/connection.js'

/** The fields and methods of the driver's connection that these workarounds use. `error` is the error that closed it. */
type DriversConnection = {
  socket: EventEmitter
  error: Error | null
  onClose(): void
  writeCommand(...args: unknown[]): Promise<void>
}

const driversConnection: DriversConnection = internals.Connection.prototype
const { onClose, writeCommand } = driversConnection

/**
 * Works around two faults of the driver (7.9.0) in writing a command. Call it before the first connection is made.
 *
 * - A command may be sent on a socket that has ended and is not closed yet. `Connection.writeCommand` then waits for a `drain` that never
 *   comes, without a time-out, so that the operation hangs. If it is the monitor's hello, the server stays unknown until a restart. After
 *   this call, a connection that closes emits `drain`, and the write fails with the error of the connection.
 * - A write that waits rejects with the error of the socket, such as EPIPE or ECONNRESET. The driver retries no operation after such an
 *   error, and gives it to the caller. After this call, the write rejects with the `MongoNetworkError` of the connection instead.
 */
export function mendWritesOfBrokenConnections() {
  driversConnection.onClose = function () {
    onClose.call(this)
    this.socket.emit('drain')
  }
  driversConnection.writeCommand = async function (...args) {
    try {
      await writeCommand.apply(this, args)
    } catch (error) {
      throw this.error ?? error
    }
  }
}
