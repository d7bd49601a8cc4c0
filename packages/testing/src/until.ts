import { setTimeout } from 'node:timers/promises'

/**
 * How long a test waits by default, in milliseconds. It is far longer than an idle machine needs, because a busy machine may need ten times
 * as long. Mocha's own limit in .mocharc.json is higher.
 */
export const PATIENCE = 60_000

/** Waits until `condition` returns a truthy value, and resolves with it. Rejects after `milliseconds` with the condition's source. */
export async function until<T>(condition: () => T | Promise<T>, milliseconds = PATIENCE): Promise<T> {
  const limit = Date.now() + milliseconds
  for (;;) {
    const last = await condition()
    if (last) return last
    if (Date.now() > limit) throw new Error(`Not true within ${milliseconds} ms: ${condition}`)
    await setTimeout(20)
  }
}
