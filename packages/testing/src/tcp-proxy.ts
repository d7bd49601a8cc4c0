import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Starts a proxy to the server at `url`. A test can cut, block and mend the connections through it. */
export async function tcpProxy(url: string) {
  let { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  let state: 'open' | 'cut' | 'blocked' = 'open'
  const server = createServer(near => {
    if (state === 'cut') return near.destroy()
    const far = connect(Number(port), hostname)
    for (const [from, to] of [[near, far] as const, [far, near] as const]) {
      sockets.add(from)
      from.on('data', bytes => state === 'open' && to.write(bytes))
      from.on('error', () => undefined)
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const through = new URL(url)
  through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const dropAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: through.href,
    /** Closes all connections, and leads new ones to the server `other`. */
    leadTo(other: string) {
      ;({ hostname, port } = new URL(other))
      dropAll()
    },
    /** Leads new connections to the server `other`, and keeps those that exist, as a Kubernetes Service does. */
    leadNewTo(other: string) {
      ;({ hostname, port } = new URL(other))
    },
    /** Resets all connections (TCP RST), as a host does whose process was killed. */
    reset() {
      for (const socket of sockets) socket.resetAndDestroy()
    },
    /** Closes all connections and refuses new ones. */
    cut() {
      state = 'cut'
      dropAll()
    },
    /** Accepts connections, but lets nothing through. */
    block() {
      state = 'blocked'
    },
    /** Ends `cut` or `block`. Closes all connections. */
    mend() {
      state = 'open'
      dropAll()
    },
    close() {
      server.close()
      dropAll()
    }
  }
}
