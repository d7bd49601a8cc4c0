import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { BSON, type Document } from 'mongodb'

/** Operation codes of MongoDB's wire protocol (mongodb.com/docs, wire protocol). */
const OP_REPLY = 1
const OP_QUERY = 2004
const OP_MSG = 2013
/** Size of a message's header, in bytes. */
const HEADER = 16

/** Returns the answer of a standalone server to the command `hello`. */
const hello = () => ({
  helloOk: true,
  isWritablePrimary: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  localTime: new Date(),
  logicalSessionTimeoutMinutes: 30,
  minWireVersion: 0,
  maxWireVersion: 25,
  readOnly: false,
  ok: 1
})

/**
 * Starts a server that speaks MongoDB's wire protocol. It answers each command but `hello` with `reply`, so that the driver treats the
 * reply like a real server's. `commands` has the names of the received commands.
 */
export async function fakeMongod(reply: (command: Document) => Document) {
  const sockets = new Set<Socket>()
  const commands: string[] = []
  const answer = (command: Document): Document => {
    const [name = ''] = Object.keys(command)
    if (/^(hello|ismaster)$/i.test(name)) return hello()
    commands.push(name)
    return reply(command)
  }
  const server = createServer(socket => {
    sockets.add(socket)
    let received = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('data', bytes => {
      received = Buffer.concat([received, bytes])
      while (received.length >= HEADER && received.length >= received.readInt32LE(0)) {
        const message = received.subarray(0, received.readInt32LE(0))
        received = received.subarray(message.length)
        socket.write(replyTo(message, answer))
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `mongodb://127.0.0.1:${(server.address() as AddressInfo).port}/fake?directConnection=true`,
    commands,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
  }
}

function replyTo(message: Buffer, answer: (command: Document) => Document): Buffer {
  const request = message.readInt32LE(4)
  const operation = message.readInt32LE(12)
  if (operation === OP_MSG) {
    const start = HEADER + 5 // skips the flags and the kind of the section
    const command = BSON.deserialize(message.subarray(start, start + message.readInt32LE(start)))
    return frame(OP_MSG, request, Buffer.alloc(5), answer(command))
  }
  if (operation !== OP_QUERY) throw new Error(`The fake does not know the operation ${operation}`)
  const start = message.indexOf(0, HEADER + 4) + 9 // Skips the flags, the collection's name, skip and limit.
  const fields = Buffer.alloc(20)
  fields.writeInt32LE(1, 16) // the number of documents
  return frame(OP_REPLY, request, fields, answer(BSON.deserialize(message.subarray(start))))
}

function frame(operation: number, request: number, fields: Buffer, document: Document): Buffer {
  const body = Buffer.concat([fields, BSON.serialize(document)])
  const header = Buffer.alloc(HEADER)
  header.writeInt32LE(HEADER + body.length, 0)
  header.writeInt32LE(request, 8)
  header.writeInt32LE(operation, 12)
  return Buffer.concat([header, body])
}
