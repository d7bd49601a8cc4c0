import { connect } from 'node:net'

/** Sends bytes (latin1) over a connection of their own and resolves with all that came back, once the server has closed it. */
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
