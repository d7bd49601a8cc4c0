import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Milliseconds between two looks, and of them the part that the event loop may have been busy for. With a few requests a second it is
 * busy for more: a collection in between would cost them dear (see below).
 */
const INTERVAL = 10_000
const IDLE = 0.01
/** Bytes of heap that are worth a collection. */
const WORTH = 4 * 1024 * 1024

/**
 * Gives back memory while the process has little to do, at its start and after a load: V8 by itself keeps what it took for as
 * long as nothing is allocated. A collection takes some 20 ms, which nobody waits for then. It also drops compiled code whose objects
 * are all gone (V8: "embedded weak objects cleared"): the first 10,000 requests after it take up to 1.7 times the CPU time.
 */
export function collectGarbageWhenIdle() {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  let before = performance.eventLoopUtilization()
  let kept = 0
  const look = () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    if (utilization > IDLE || process.memoryUsage().heapTotal < kept + WORTH) return
    collect()
    kept = process.memoryUsage().heapTotal
  }
  setInterval(look, INTERVAL).unref()
}
