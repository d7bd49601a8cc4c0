import { type Command, Redis, ReplyError } from 'ioredis'
import type { CommandObserver } from '../core/index.ts'
import { traceCommand } from './command-span.ts'

type Discarded = { previousErrors?: Error[] }

/**
 * Returns the code of an error reply of Redis: its first word, such as `OOM` (redis.io/docs, RESP, simple errors). For a discarded
 * transaction, it is the code of the reason. Undefined for an error that is not a reply.
 */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof ReplyError)) return undefined
  const { previousErrors: [reason] = [] } = error as Discarded
  return /^[A-Z][A-Z0-9]+(?= |$)/.exec((reason ?? (error as Error)).message)?.[0]
}

const unanswered = new WeakSet<object>()

/** Returns whether a command on a `MarkingRedis` failed without a reply, because the connection broke or the server was silent. */
export const isUnanswered = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && unanswered.has(error)

/** Set on a command that was sent, because a command may be sent again after a broken connection. */
const SENT = Symbol('sent')
type SentCommand = Command & { [SENT]?: true }

/**
 * A client that gives commands without a reply an error with the names of the server and the command, because the errors of ioredis (6.0)
 * have neither, and most have no class and no code. It reports each command with the time until its reply or its failure.
 */
export class MarkingRedis extends Redis {
  /** The name of the server in errors and in the log, such as `event log`. */
  serverName = 'Redis'
  /** Called when a command has its reply or has failed. */
  onCommand: CommandObserver | undefined

  override sendCommand(command: SentCommand, stream?: Parameters<Redis['sendCommand']>[1]) {
    if (!command[SENT]) {
      traceCommand(this, command)
      this.observe(command)
    }
    return super.sendCommand(command, stream)
  }

  private observe(command: SentCommand) {
    const { resolve, reject } = command
    const start = performance.now()
    const end = (isOk: boolean) => this.onCommand?.(command.name, (performance.now() - start) / 1000, isOk)
    command[SENT] = true
    command.resolve = reply => {
      end(true)
      resolve(reply)
    }
    command.reject = error => {
      end(false)
      reject(error instanceof ReplyError ? error : this.markUnanswered(error, command))
    }
  }

  private markUnanswered(error: Error, { name }: Command) {
    if (unanswered.has(error)) return error
    const marked = new Error(`The ${this.serverName} did not answer ${name.toUpperCase()}`, { cause: error })
    unanswered.add(marked)
    return marked
  }
}

/** Returns the name of the server of a connection, for the log. */
export const serverNameOf = (redis: Redis): string => (redis instanceof MarkingRedis ? redis.serverName : 'Redis')
