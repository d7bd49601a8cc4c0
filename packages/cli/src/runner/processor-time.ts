import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Measures for `milliseconds` which share of a processor core each process uses, by its pid; 1 is a whole core. Leaves out processes that
 * end meanwhile. Returns no shares on systems other than Linux.
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

/** Returns the CPU time of all threads of a process (ms), which is more exact than in `stat` (Linux, scheduler/sched-stats.rst). */
function processorTime(pid: number): number | undefined {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    return threads.reduce((sum, thread) => sum + nanoseconds(pid, thread) / 1e6, 0)
  } catch {
    return undefined // the process has ended, or the system has no /proc
  }
}

function nanoseconds(pid: number, thread: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
  } catch {
    return 0 // the thread has ended since the folder was read
  }
}
