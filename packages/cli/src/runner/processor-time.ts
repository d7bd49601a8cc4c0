import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * How much of a processor core each process uses, by its pid: 1 for a whole core. Measured over `milliseconds`. A process that ends
 * meanwhile is missing, and each one is where the system does not tell (all but Linux).
 */
export async function processorShares(pids: number[], milliseconds: number): Promise<Map<number, number>> {
  const timesOf = () => new Map(pids.map(pid => [pid, processorTime(pid)]))
  const [began, before] = [performance.now(), timesOf()]
  await delay(milliseconds)
  const [passed, after] = [performance.now() - began, timesOf()]
  const shares = pids.flatMap((pid): [number, number][] => {
    const [start, end] = [before.get(pid), after.get(pid)]
    // The time of a thread that ended meanwhile is lost.
    return start === undefined || end === undefined ? [] : [[pid, Math.max(0, end - start) / passed]]
  })
  return new Map(shares)
}

/** Milliseconds for which the threads of a process have run (Linux, Documentation/scheduler/sched-stats.rst): in `stat` they are rounded to 10. */
function processorTime(pid: number): number | undefined {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    return threads.reduce((sum, thread) => sum + nanoseconds(pid, thread) / 1e6, 0)
  } catch {
    return undefined // it has ended, or the system has no /proc
  }
}

function nanoseconds(pid: number, thread: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
  } catch {
    return 0 // the thread has ended since the folder was read
  }
}
