import { connect, createServer } from 'node:net'

const CONNECT_LIMIT = 1_000

/** Finds a TCP port of 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
  return (await listenOn(0)) as number
}

/** True if a server can listen on a port of 127.0.0.1 now. */
export async function isFree(port: number): Promise<boolean> {
  return (await listenOn(port)) !== undefined
}

/**
 * Sends a text to a port and resolves with the first bytes of the answer. Without a text it resolves with '' once it is connected. Resolves
 * with undefined if nothing answers within a second.
 */
export function ask(port: number, text = '', host = '127.0.0.1'): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect({ port, host, timeout: CONNECT_LIMIT })
    const settle = (answer?: string) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('error', () => settle())
    socket.once('timeout', () => settle())
    socket.once('data', data => settle(data.toString('utf8')))
    socket.once('connect', () => (text === '' ? settle('') : socket.write(text)))
  })
}

/** Listens on a port for a moment. Resolves with the port, or with undefined if another process uses it. */
function listenOn(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)
    )
    server.listen(port, '127.0.0.1', () => {
      const address = server.address() as { port: number }
      server.close(() => resolve(address.port))
    })
  })
}
