import { type FaultPoint, type FaultSettings, faultPoints, noFault } from './fault-points.ts'

/** Ends this process with SIGKILL at a fault point. `value` is as in KILL_AT, see `signalAt`. */
export const killAt = (value: string): FaultPoint => signalAt(value, 'SIGKILL')

/**
 * The faults that the environment asks for: at KILL_AT the process is killed, at STOP_AT it stops until it gets SIGCONT; see `signalAt`.
 * Bundles of images have `refused-fault-injection.ts` in place of this module.
 */
export function requestedFaults({ KILL_AT, STOP_AT }: FaultSettings): FaultPoint {
  const asked: FaultPoint[] = []
  if (KILL_AT) asked.push(killAt(KILL_AT))
  if (STOP_AT) asked.push(signalAt(STOP_AT, 'SIGSTOP'))
  if (asked.length === 0) return noFault
  return (name, of) => {
    for (const fault of asked) fault(name, of)
  }
}

/**
 * Sends this process a signal when it passes a fault point for the nth time: `<name>` or `<name>:<of>`, and `:<n>` behind it, such as
 * `before-write:orders.insert.placed:2`. Without `of` every passing of the name counts. Throws on a name that is not in `faultPoints`.
 */
function signalAt(value: string, signal: 'SIGKILL' | 'SIGSTOP'): FaultPoint {
  const {
    name = '',
    of,
    nth = '1'
  } = value.match(/^(?<name>[^:]*)(?::(?<of>[^:]*[^:\d][^:]*))?(?::(?<nth>\d+))?$/)?.groups ?? {}
  if (!Object.hasOwn(faultPoints, name)) {
    throw new Error(`Unknown fault point ${value}. Known: ${Object.keys(faultPoints).join(', ')}`)
  }
  let left = Number(nth)
  return (passed, what) => {
    if (passed === name && (of === undefined || of === what) && --left === 0) process.kill(process.pid, signal)
  }
}
