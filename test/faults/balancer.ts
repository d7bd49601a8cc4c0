import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/**
 * One address for the replicas of a service, as a Kubernetes Service is one: each connection goes to the next of them, and where that takes
 * none to another. `ports` is asked for each connection.
 */
export async function balancer(port: number, ports: () => number[]) {
  const sockets = new Set<Socket>()
  let turn = 0
  let isCut = false

  function join(near: Socket, left: number[]) {
    const [next, ...others] = left
    if (next === undefined || isCut) return near.destroy()
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
    })
    near.once('close', () => far.destroy())
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
    /** Nobody gets through, until `mend`. */
    cut() {
      isCut = true
      drop()
    },
    mend() {
      isCut = false
    },
    async close() {
      server.close()
      drop()
    }
  }
}
