import { createHash } from 'node:crypto'
import type { Command, Redis } from 'ioredis'
import { isTracing, startActiveChild } from '../core/index.ts'

/** The names of the scripts of this process, by the SHA-1 digest by which Redis knows them. */
const scriptNames = new Map<unknown, string>()

/** Gives a script the name that its spans show. Does nothing in a process that is not traced. */
export function nameScript(lua: string, name: string): void {
  if (isTracing()) scriptNames.set(createHash('sha1').update(lua).digest('hex'), name)
}

/** Starts the span of a command, if it is part of a request, an event or a step that is traced. The arguments are data, so it has none. */
export function traceCommand({ options }: Redis, command: Command): void {
  const span = startActiveChild({ name: command.name, kind: 'client' })
  if (!span) return
  const script = command.name === 'evalsha' ? scriptNames.get(command.args[0]) : undefined
  if (script) span.rename(`${command.name} ${script}`)
  const { host, port, db } = options
  span.set({
    'db.system.name': 'redis',
    'db.operation.name': command.name,
    'db.namespace': String(db ?? 0),
    'db.stored_procedure.name': script,
    'server.address': host,
    'server.port': port
  })
  command.promise.then(
    () => span.end(),
    error => span.end(error)
  )
}
