import type { Redis } from 'ioredis'
import { type FaultPoint, type LoopOptions, pause, retry } from '../core/index.ts'

/** Milliseconds that acknowledgements gather: each command is a write to the log's disk. */
const LINGER = 5

type Sending = LoopOptions & { passFaultPoint: FaultPoint }

/** Acknowledges entries of a stream for a group, many at a time, again and again until the log takes it. */
export function acknowledgements(
  redis: Redis,
  stream: string,
  group: string,
  { passFaultPoint, ...background }: Sending
) {
  const done: string[] = []
  let sending: Promise<void> | undefined

  async function sendAll() {
    while (done.length > 0) {
      await pause(LINGER, background.signal)
      const ids = done.splice(0)
      await retry('Acknowledging', () => redis.xack(stream, group, ...ids), background).then(
        () => passFaultPoint('after-acknowledge'),
        isDeliveredAgain
      )
    }
    sending = undefined
  }

  const isDeliveredAgain = (error: unknown) => background.log.warn({ err: error }, 'Handled events will come again')

  return {
    add(id: string) {
      done.push(id)
      sending ??= sendAll()
    },
    /** Settles when all that was added is acknowledged, or the background's signal aborted. */
    sent: async () => sending
  }
}
