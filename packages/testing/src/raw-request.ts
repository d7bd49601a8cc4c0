import { connect } from 'node:net'

/** Sends a text as bytes (latin1) over a new connection. Resolves with the whole answer when the server closes the connection. */
export function rawRequest(port: number, text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let answer = ''
  const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'))
  socket.setEncoding('latin1')
  socket.on('data', part => {
    answer += part
  })
  socket.on('close', () => resolve(answer))
  socket.on('error', reject)
  return promise
}
