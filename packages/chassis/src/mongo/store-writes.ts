// biome-ignore lint/suspicious/noExplicitAny: a command of MongoDB's, of which little is read
type Command = Record<string, any>

/** The commands that change documents, by what they do. */
const WRITES: Record<string, string> = { insert: 'insert', update: 'update', findAndModify: 'update', delete: 'delete' }
/** Who has the right to background work is no part of what a service does. */
const LEASES = 'leases'

/**
 * The name of a write among fault points: `<collection>.insert`, `.update` or `.delete`, and behind it the `state` that is written where
 * one is, such as `orders.update.captured`. Of a batch, that of its first document. Undefined for reads, indexes and leases.
 */
export function writeOf(commandName: string, command: Command): string | undefined {
  const kind = WRITES[commandName]
  const collection = command[commandName]
  if (!kind || collection === LEASES) return undefined
  const written = command.documents?.[0] ?? (command.updates?.[0]?.u ?? command.update)?.$set
  const state = typeof written?.state === 'string' ? [written.state] : []
  return [collection, kind, ...state].join('.')
}
