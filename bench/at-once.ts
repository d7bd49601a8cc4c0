const AT_ONCE = 32

/** How often something was done: in all, and within the time. */
type Done = { done: number; inTime: number }

/** Does something again and again, 32 at once, for so many seconds. Resolves when all that began in them is done. */
export async function atOnce(seconds: number, work: () => Promise<unknown>): Promise<Done> {
  const until = performance.now() + seconds * 1_000
  const count = { done: 0, inTime: 0 }
  const one = async () => {
    while (performance.now() < until) {
      await work()
      count.done++
      if (performance.now() <= until) count.inTime++
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
  return count
}

/** Does something so many times, 32 at once. */
export async function times(count: number, work: () => Promise<unknown>) {
  let begun = 0
  const one = async () => {
    while (begun++ < count) await work()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
}
