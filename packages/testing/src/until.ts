import { setTimeout } from 'node:timers/promises'

/**
 * How long a test waits for what must happen (ms). A machine with ten times more to do than it has cores for needs ten times as long, so this
 * is far above what a quiet one takes. Mocha's own limit in .mocharc.json is above it.
 */
export const PATIENCE = 60_000

/** Waits until `condition` returns something true, and returns that. Rejects after `milliseconds`, with the condition's source. */
export async function until<T>(condition: () => T | Promise<T>, milliseconds = PATIENCE): Promise<T> {
  const limit = Date.now() + milliseconds
  for (;;) {
    const last = await condition()
    if (last) return last
    if (Date.now() > limit) throw new Error(`Not within ${milliseconds} ms: ${condition}`)
    await setTimeout(20)
  }
}
