import { type FaultPoint, type FaultSettings, faultPoints, noFault } from './fault-points.ts'

/** Ends this process with SIGKILL at a fault point. `value` has the form of KILL_AT, see `signalAt`. */
export const killAt = (value: string): FaultPoint => signalAt(value, 'SIGKILL')

/**
 * Returns the faults that the environment requests: at KILL_AT the process is killed, at STOP_AT it stops until it gets SIGCONT. See
 * `signalAt` for their form. Bundles of images have `refused-fault-injection.ts` in place of this module.
 */
export function requestedFaults({ KILL_AT, STOP_AT }: FaultSettings): FaultPoint {
  const faults: FaultPoint[] = []
  if (KILL_AT) faults.push(killAt(KILL_AT))
  if (STOP_AT) faults.push(signalAt(STOP_AT, 'SIGSTOP'))
  if (faults.length === 0) return noFault
  return (name, action) => {
    for (const fault of faults) fault(name, action)
  }
}

/**
 * Sends this process a signal when it passes a fault point for the nth time. `value` is `<name>`, `<name>:<action>`, `<name>:<n>` or
 * `<name>:<action>:<n>`, such as `before-write:orders.insert.placed:2`. Without an action, each pass of the fault point counts. Throws for
 * a name that is not in `faultPoints`.
 */
function signalAt(value: string, signal: 'SIGKILL' | 'SIGSTOP'): FaultPoint {
  const {
    name = '',
    action,
    nth = '1'
  } = value.match(/^(?<name>[^:]*)(?::(?<action>[^:]*[^:\d][^:]*))?(?::(?<nth>\d+))?$/)?.groups ?? {}
  if (!Object.hasOwn(faultPoints, name)) {
    throw new Error(`Unknown fault point ${value}. Known: ${Object.keys(faultPoints).join(', ')}`)
  }
  let left = Number(nth)
  return (passedName, passedAction) => {
    const isMatch = passedName === name && (action === undefined || action === passedAction)
    if (isMatch && --left === 0) process.kill(process.pid, signal)
  }
}
