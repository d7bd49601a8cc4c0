/** Where a process may be killed on purpose, each with what is true at that moment. The event tests kill at every one. */
const faultPoints = {
  'after-write-before-publish': 'state and event are stored together; the log knows nothing of the event',
  'after-publish-before-mark': 'the log has the event; the outbox still holds it as unsent',
  'after-mark': 'the log has the event, and the outbox knows',
  'after-effect-before-acknowledge': 'the effect of the event is stored; the log still holds it as pending',
  'after-acknowledge': 'the effect of the event is stored, and the log knows',
  'after-batch-before-progress': 'a batch of work in the background is stored; how far the work is, is not',
  'before-write': 'a write is about to go to the store',
  'after-write': 'a write is stored; nothing of what follows it is done',
  'before-call': 'another service is about to be asked',
  'after-call': 'another service has answered; nothing of what follows it is done'
}

type FaultPointName = keyof typeof faultPoints

/** Called by the code as it passes a fault point. In production it does nothing. `of` says which write or call it is, where there are several. */
export type FaultPoint = (name: FaultPointName, of?: string) => void

export const noFault: FaultPoint = () => undefined

/** Ends this process with SIGKILL at a fault point. Called for the environment's KILL_AT, see `signalAt`. */
export const killAt = (value: string): FaultPoint => signalAt(value, 'SIGKILL')

/** What the environment asks for: KILL_AT, and STOP_AT, at which the process stops in its tracks until it gets SIGCONT; see `signalAt`. */
export function askedFaults({ KILL_AT, STOP_AT }: { KILL_AT?: string | undefined; STOP_AT?: string | undefined }) {
  if (KILL_AT === undefined && STOP_AT === undefined) return noFault
  const asked = [...(KILL_AT ? [killAt(KILL_AT)] : []), ...(STOP_AT ? [signalAt(STOP_AT, 'SIGSTOP')] : [])]
  const at: FaultPoint = (name, of) => {
    for (const fault of asked) fault(name, of)
  }
  return at
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
