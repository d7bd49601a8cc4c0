// biome-ignore lint/suspicious/noExplicitAny: a command of MongoDB, of which few fields are read
type Command = Record<string, any>

/** The commands that change documents, and the kind of their change. */
const WRITES: Record<string, string> = { insert: 'insert', update: 'update', findAndModify: 'update', delete: 'delete' }
/** Writes of leases are no fault points, because they are not a part of the service's work. */
const LEASES = 'leases'

/**
 * Returns the name of a write for fault points: `<collection>.insert`, `.update` or `.delete`, followed by the written field `state` if
 * there is one, such as `orders.update.captured`. A batch has the name of its first document. Undefined for reads, indexes and leases.
 */
export function writeOf(commandName: string, command: Command): string | undefined {
  const kind = WRITES[commandName]
  const collection = command[commandName]
  if (!kind || collection === LEASES) return undefined
  const written = command.documents?.[0] ?? (command.updates?.[0]?.u ?? command.update)?.$set
  const state = typeof written?.state === 'string' ? [written.state] : []
  return [collection, kind, ...state].join('.')
}
