import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { BSON } from 'mongodb'

/** A command that wrote to a collection, and the number of documents that it wrote. */
export type Write = { command: 'insert' | 'update' | 'delete' | 'findAndModify'; collection: string; documents: number }

type Named = Pick<Write, 'command' | 'collection'>

type Reply = {
  n?: number
  nModified?: number
  upserted?: unknown[]
  lastErrorObject?: { n?: number }
}

const WRITES = ['insert', 'update', 'delete', 'findAndModify']
const HEADER_SIZE = 16
/** The opcode of all commands except the first greeting since MongoDB 5.1 (mongodb.com/docs/manual/reference/mongodb-wire-protocol). */
const OP_MSG = 2013

/** Starts a proxy for the MongoDB at `url`. It calls `wrote` for each command that wrote documents, as counted in the server's answer. */
export async function writeCounter(url: string, wrote: (write: Write) => void) {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  const server = createServer(near => {
    const far = connect(Number(port), hostname)
    const asked = new Map<number, Named>()
    const ends = [
      [near, far, messages(message => noteCommand(message, asked))],
      [far, near, messages(message => noteReply(message, asked, wrote))]
    ] as const
    for (const [from, to, read] of ends) {
      sockets.add(from)
      from.setNoDelay(true)
      from.on('data', bytes => {
        read(bytes)
        to.write(bytes)
      })
      from.on('error', () => undefined)
      from.on('close', () => to.destroy())
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const through = new URL(url)
  through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: through.href,
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
  }
}

/** Splits a stream into messages. Each message starts with its length. */
function messages(read: (message: Buffer) => void) {
  let left = Buffer.alloc(0)
  return (bytes: Buffer) => {
    left = Buffer.concat([left, bytes])
    while (left.length >= HEADER_SIZE && left.length >= left.readInt32LE(0)) {
      read(left.subarray(0, left.readInt32LE(0)))
      left = left.subarray(left.readInt32LE(0))
    }
  }
}

function noteCommand(message: Buffer, asked: Map<number, Named>) {
  const [command, collection] = Object.entries(bodyOf(message) ?? {})[0] ?? []
  if (!command || !WRITES.includes(command)) return
  asked.set(message.readInt32LE(4), { command: command as Write['command'], collection: String(collection) })
}

function noteReply(message: Buffer, asked: Map<number, Named>, wrote: (write: Write) => void) {
  const to = message.readInt32LE(8)
  const named = asked.get(to)
  if (!named) return
  asked.delete(to)
  const documents = documentsOf(named, bodyOf(message) as Reply)
  if (documents > 0) wrote({ ...named, documents })
}

/** Returns the number of documents that a command wrote. Documents that were found but not changed do not count. */
function documentsOf({ command }: Named, { n = 0, nModified = 0, upserted = [], lastErrorObject }: Reply): number {
  if (command === 'update') return nModified + upserted.length
  return command === 'findAndModify' ? (lastErrorObject?.n ?? 0) : n
}

/** Returns the command or the reply in a message of MongoDB's protocol: its first section, which has the kind 0. */
function bodyOf(message: Buffer): object | undefined {
  const [kind, start] = [HEADER_SIZE + 4, HEADER_SIZE + 5]
  if (message.readInt32LE(12) !== OP_MSG || message[kind] !== 0) return undefined
  return BSON.deserialize(message.subarray(start, start + message.readInt32LE(start)))
}
