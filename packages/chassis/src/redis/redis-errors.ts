import { type Command, Redis, ReplyError } from 'ioredis'

type Discarded = { previousErrors?: Error[] }

/**
 * The code of Redis's error reply: its first word, such as `OOM` (redis.io/docs, RESP, simple errors). That of the reason for a
 * transaction that was discarded. Undefined for an error that is no reply.
 */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof ReplyError)) return undefined
  const { previousErrors: [reason] = [] } = error as Discarded
  return /^[A-Z][A-Z0-9]+(?= |$)/.exec((reason ?? (error as Error)).message)?.[0]
}

const unanswered = new WeakSet<object>()

/** True for an error of a command on a `MarkingRedis` that is no reply: the connection broke, or the server was silent. */
export const isUnanswered = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && unanswered.has(error)

/** A client that marks the errors of commands that got no reply. ioredis (6.0) gives most of them neither a class nor a code. */
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
