import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/**
 * Opens one address for the replicas of a service, like a Kubernetes Service. Each connection goes to the next replica, or to a different
 * one if that replica refuses it. Calls `ports` for each connection.
 */
export async function balancer(port: number, ports: () => number[]) {
  const sockets = new Set<Socket>()
  let turn = 0
  let state: 'open' | 'cut' | 'blocked' = 'open'

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
      near.pipe(far).pipe(near)
      if (state === 'blocked') part(near, far)
    })
    near.once('close', () => far.destroy())
    near.once('part', () => part(near, far))
  }

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
      for (const socket of sockets) socket.emit('part')
    },
    /** Lets connections through again. Data that was sent while the balancer was blocked is lost. */
    mend() {
      if (state === 'blocked') drop()
      state = 'open'
    },
    async close() {
      server.close()
      drop()
    }
  }
}

/** Stops passing data between two sockets, and discards what arrives. */
function part(near: Socket, far: Socket) {
  for (const [from, to] of [[near, far] as const, [far, near] as const]) from.unpipe(to).resume()
}
