const WORKERS = 32

/** How often the work was done in total, and how often before the time was over. */
type Done = { done: number; inTime: number }

/** Repeats the work with 32 workers for `seconds`. Resolves when all started work is done. */
export async function repeatFor(seconds: number, work: () => Promise<unknown>): Promise<Done> {
  const until = performance.now() + seconds * 1_000
  const count = { done: 0, inTime: 0 }
  const worker = async () => {
    while (performance.now() < until) {
      await work()
      count.done++
      if (performance.now() <= until) count.inTime++
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, worker))
  return count
}

/** Does the work `count` times, with 32 workers. */
export async function repeatTimes(count: number, work: () => Promise<unknown>) {
  let started = 0
  const worker = async () => {
    while (started++ < count) await work()
  }
  await Promise.all(Array.from({ length: WORKERS }, worker))
}
