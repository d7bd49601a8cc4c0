import type { EventEmitter } from 'node:events'
import type { MongoClient } from 'mongodb'
// @ts-expect-error: not among the driver's types
import * as internals from 'mongodb/lib/cmap/connection.js'

/**
 * Mends the driver, seen in 7.9.0. Between the end of a socket and its `close` the driver takes the connection for a good one. A write
 * to it then returns false, as a full buffer does, and `Connection.writeCommand` waits for a `drain` that never comes, without a
 * timeout: that operation hangs for ever, and where it is the monitor's hello, the server stays unknown until a restart. When the
 * connection is closed, its error set, `drain` lets such a write go on: the next line throws that error.
 */
const driversConnection: {
  onClose(this: { socket: EventEmitter }): void
} = internals.Connection.prototype
const { onClose } = driversConnection
driversConnection.onClose = function () {
  onClose.call(this)
  this.socket.emit('drain')
}

/**
 * Mends a client of the driver, seen in 7.9.0: it keeps what its `close` has to end, each session and cursor under way, in two Sets.
 * A Set of V8 that makes itself a new table leaves the old one with what was in it and a pointer to the new. So as soon as one table
 * has lived long enough to be moved to the old generation, all later ones follow it there, with half of what operations make: 5 KiB
 * for each, until the next full collection, which comes several times as often. That is a fifth of an operation's time.
 */
export function keepActiveInLists(client: MongoClient) {
  const state = (client as unknown as { s: Record<'activeSessions' | 'activeCursors', Active> }).s
  state.activeSessions = new Active()
  state.activeCursors = new Active()
}

const PLACE = Symbol('place')
type Placed = { [PLACE]?: number | undefined }

/** What the driver uses of a Set, as a list in which each item knows its place: the last one takes that of the one that goes. */
class Active {
  private items: Placed[] = []

  add(item: Placed) {
    if (item[PLACE] === undefined) item[PLACE] = this.items.push(item) - 1
  }

  delete(item: Placed) {
    const place = item[PLACE]
    if (place === undefined) return
    const last = this.items.pop()!
    item[PLACE] = undefined
    if (last === item) return
    this.items[place] = last
    last[PLACE] = place
  }

  clear() {
    for (const item of this.items) item[PLACE] = undefined
    this.items = []
  }

  /** Of those that are in it now: as they are closed, they go. */
  [Symbol.iterator]() {
    return this.items.slice().values()
  }
}
