import { setImmediate, setTimeout } from 'node:timers/promises'

type Process = {
  /** Runs the process with the calls that `wrap` returns. */
  run: (wrap: <T extends object>(calls: T) => T) => Promise<unknown>
  /** The number of the call before which the process is killed. */
  killedAt: number | undefined
}

/** After one in this many calls, any process may continue. Most faults appear only if one process pauses while another makes many calls. */
const CALLS_IN_A_ROW = 6

/**
 * Runs processes at the same time, but only one call of a store at a time, in an order that the numbers of `choose` determine. Calls
 * `check` after each of them. A killed process makes no further call. Rejects with the first failure of a process.
 */
export async function interleave(processes: Process[], choose: () => number, check: () => Promise<void>) {
  const waiting: { process: number; go: () => Promise<void> }[] = []
  const calls = processes.map(() => 0)
  const live = new Set(processes.keys())
  const failures: unknown[] = []
  let last: number | undefined

  for (const [process, { run }] of processes.entries()) {
    const gated =
      (call: (...given: unknown[]) => Promise<unknown>) =>
      (...given: unknown[]) =>
        new Promise((resolve, reject) => {
          waiting.push({ process, go: () => call(...given).then(resolve, reject) })
        })
    const wrap = <T extends object>(all: T) =>
      Object.fromEntries(Object.entries(all).map(([name, call]) => [name, gated(call as never)])) as T
    run(wrap)
      .catch(error => failures.push(error))
      .finally(() => live.delete(process))
  }

  for (;;) {
    await setImmediate() // The process whose call has ended makes its next one.
    if (failures.length > 0) throw failures[0]
    if (live.size === 0) return
    if (waiting.length === 0) {
      await setTimeout(1) // A process pauses before its next attempt.
      continue
    }
    const same = waiting.findIndex(({ process }) => process === last)
    const place = same >= 0 && choose() % CALLS_IN_A_ROW > 0 ? same : choose() % waiting.length
    const [{ process, go }] = waiting.splice(place, 1) as [(typeof waiting)[number]]
    last = process
    const { killedAt } = processes[process]!
    if (killedAt !== undefined && calls[process]! >= killedAt) {
      live.delete(process)
      continue
    }
    calls[process]!++
    await go()
    await check()
  }
}
