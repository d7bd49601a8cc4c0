import type { Redis } from 'ioredis'
import { type FaultPoint, type LoopOptions, pause, retry } from '../core/index.ts'

/** How long (ms) acknowledgements are collected before they are sent, because each command is a write to the log's disk. */
const LINGER = 5

type Options = LoopOptions & { passFaultPoint: FaultPoint }

/** Sends the acknowledgements of a group for the entries of a stream, many at a time. */
export type Acknowledgements = {
  /** Acknowledges an entry, by its ID. Retries until the log accepts it. */
  add(id: string): void
  /** Resolves when all added entries are acknowledged, or when the signal of the options aborts. */
  sent(): Promise<void>
}

/** Creates the acknowledgements of a group on a stream. */
export function acknowledgements(
  redis: Redis,
  stream: string,
  group: string,
  { passFaultPoint, ...loop }: Options
): Acknowledgements {
  const handled: string[] = []
  let sending: Promise<void> | undefined

  async function sendAll() {
    while (handled.length > 0) {
      await pause(LINGER, loop.signal)
      const ids = handled.splice(0)
      await retry('Acknowledging', () => redis.xack(stream, group, ...ids), loop).then(
        () => passFaultPoint('after-acknowledge'),
        warn
      )
    }
    sending = undefined
  }

  const warn = (error: unknown) => loop.log.warn({ err: error }, 'Events that were handled will be delivered again')

  return {
    add(id: string) {
      handled.push(id)
      sending ??= sendAll()
    },
    sent: async () => sending
  }
}
