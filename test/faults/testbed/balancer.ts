import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Opens one address for the replicas of a service, like a Kubernetes Service. Each connection goes to the next replica, or to a different
 * one if that replica refuses it. Calls `ports` for each connection.
 */
export async function balancer(port: number, ports: () => number[]) {
  const sockets = new Set<Socket>()
  let turn = 0
  let state: 'open' | 'cut' | 'blocked' = 'open'
  let late = 0
  let lost = 0

  function join(near: Socket, left: number[]) {
    const [next, ...others] = left
    if (next === undefined || state === 'cut') return near.destroy()
    const far = connect(next, '127.0.0.1')
    sockets.add(far)
    far.on('error', () => undefined) // `close` follows
    far.once('close', () => {
      sockets.delete(far)
      if (!joined) join(near, others)
      else near.destroy()
    })
    let joined = false
    far.once('connect', () => {
      joined = true
      near.pipe(line(near, far)).pipe(far).pipe(near)
    })
    near.once('close', () => far.destroy())
  }

  /** The way from a client to a replica. It may be blocked, slow or lossy. */
  const line = (near: Socket, far: Socket) =>
    new Transform({
      async transform(bytes, _encoding, done) {
        if (late > 0) await delay(late)
        if (state === 'blocked') return done()
        if (Math.random() >= lost) return done(null, bytes)
        near.resetAndDestroy()
        far.resetAndDestroy()
        done()
      }
    })

  const server = createServer(near => {
    sockets.add(near)
    near.on('error', () => undefined)
    near.once('close', () => sockets.delete(near))
    const all = ports()
    const first = all.length > 0 ? turn++ % all.length : 0
    join(near, [...all.slice(first), ...all.slice(0, first)])
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const drop = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    /** Refuses all connections until `mend`. */
    cut() {
      state = 'cut'
      drop()
    },
    /** Accepts and keeps connections, but passes nothing on until `mend`. */
    block() {
      state = 'blocked'
    },
    /** Passes each part of a request on after `milliseconds`. */
    slow(milliseconds: number) {
      late = milliseconds
    },
    /** Resets the connection (TCP RST) instead of passing a part of a request on, with a probability of `share`. */
    lose(share: number) {
      lost = share
    },
    /** Lets everything through again. Data that was sent while the balancer was blocked is lost. */
    mend() {
      if (state === 'blocked') drop()
      state = 'open'
      late = 0
      lost = 0
    },
    async close() {
      server.close()
      drop()
    }
  }
}
