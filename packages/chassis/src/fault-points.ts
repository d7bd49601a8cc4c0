/** Where a process may be killed on purpose, each with what is true at that moment. The event tests kill at every one. */
const faultPoints = {
  'after-write-before-publish': 'state and event are stored together; the log knows nothing of the event',
  'after-publish-before-mark': 'the log has the event; the outbox still holds it as unsent',
  'after-effect-before-acknowledge': 'the effect of the event is stored; the log still holds it as pending',
  'after-batch-before-progress': 'a batch of work in the background is stored; how far the work is, is not',
  'before-write': 'a write is about to go to the store',
  'after-write': 'a write is stored; nothing of what follows it is done',
  'after-write-before-answer': 'what was asked for is stored; who asked does not know',
  'before-call': 'another service is about to be asked',
  'after-call': 'another service has answered; nothing of what follows it is done'
}

type FaultPointName = keyof typeof faultPoints

/** Called by the code as it passes a fault point. In production it does nothing. */
export type FaultPoint = (name: FaultPointName) => void

export const noFault: FaultPoint = () => undefined

/**
 * Ends this process with SIGKILL when it passes the fault point for the nth time. Called for the
 * environment's KILL_AT, `<name>` or `<name>:<n>`; throws on a name that is not in `faultPoints`.
 */
export function killAt(value: string): FaultPoint {
  const [name, nth = '1'] = value.split(':')
  if (!name || !Object.hasOwn(faultPoints, name)) {
    throw new Error(`Unknown fault point ${value}. Known: ${Object.keys(faultPoints).join(', ')}`)
  }
  let left = Number(nth)
  return passed => {
    if (passed === name && --left === 0) process.kill(process.pid, 'SIGKILL')
  }
}
