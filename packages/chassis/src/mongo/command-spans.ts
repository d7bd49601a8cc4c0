import type { CommandStartedEvent, MongoClient } from 'mongodb'
import { type Span, startActiveChild } from '../core/index.ts'

/** Records a span for each command of a traced request, event or step. Filters and documents are left out, because they may be personal data. */
export function traceCommands(client: MongoClient): void {
  const underWay = new Map<number, Span>()
  const end = (requestId: number, failure?: unknown) => {
    underWay.get(requestId)?.end(failure)
    underWay.delete(requestId)
  }
  client.on('commandStarted', event => {
    const span = startCommandSpan(event)
    if (span) underWay.set(event.requestId, span)
  })
  client.on('commandSucceeded', ({ requestId }) => end(requestId))
  client.on('commandFailed', ({ requestId, failure }) => end(requestId, failure))
}

function startCommandSpan({ commandName, command, databaseName, address }: CommandStartedEvent): Span | undefined {
  const target: unknown = commandName === 'getMore' ? command.collection : command[commandName]
  const collection = typeof target === 'string' ? target : undefined
  const [host, port] = address.split(/:(?=\d+$)/)
  return startActiveChild({
    name: collection === undefined ? commandName : `${commandName} ${collection}`,
    kind: 'client',
    attributes: {
      'db.system.name': 'mongodb',
      'db.namespace': databaseName,
      'db.collection.name': collection,
      'db.operation.name': commandName,
      'server.address': host,
      'server.port': port === undefined ? undefined : Number(port)
    }
  })
}
