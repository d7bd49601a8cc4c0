import { setTimeout } from 'node:timers/promises'

/** Waits until `condition` returns what is true, and returns it. Rejects after `milliseconds`, telling what it last was. */
export async function until<T>(condition: () => T | Promise<T>, milliseconds = 10_000): Promise<T> {
  const limit = Date.now() + milliseconds
  for (;;) {
    const last = await condition()
    if (last) return last
    if (Date.now() > limit) throw new Error(`Not within ${milliseconds} ms: ${condition}`)
    await setTimeout(20)
  }
}
