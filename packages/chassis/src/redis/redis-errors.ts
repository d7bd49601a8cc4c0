import { type Command, Redis, ReplyError } from 'ioredis'

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

/** A client that marks the errors of commands without a reply, because ioredis (6.0) gives most of them neither a class nor a code. */
export class MarkingRedis extends Redis {
  override sendCommand(command: Command, stream?: Parameters<Redis['sendCommand']>[1]) {
    const { reject } = command
    command.reject = error => {
      if (!(error instanceof ReplyError)) unanswered.add(error)
      reject(error)
    }
    return super.sendCommand(command, stream)
  }
}
