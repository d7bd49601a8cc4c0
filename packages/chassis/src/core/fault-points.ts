/** The places at which tests kill a process on purpose. Each has a sentence about the state at that moment. */
export const faultPoints = {
  'after-write-before-publish': 'state and event are stored together; the log does not have the event yet',
  'after-publish-before-mark': 'the log has the event; the outbox still holds it as unsent',
  'after-mark': 'the log has the event, and the outbox holds it as sent',
  'after-effect-before-acknowledge': 'the effect of the event is stored; the log still holds it as pending',
  'after-acknowledge': 'the effect of the event is stored, and the log holds it as acknowledged',
  'after-batch-before-progress': 'a batch of background work is stored; the progress of the work is not',
  'before-write': 'a write is about to go to the store',
  'after-write': 'a write is stored; nothing that follows it is done',
  'before-call': 'another service is about to be called',
  'after-call': 'another service has answered; nothing that follows is done'
}

type FaultPointName = keyof typeof faultPoints

/**
 * The function that the code calls when it passes a fault point. In production it does nothing. `action` names the write or the call, if
 * several share the fault point.
 */
export type FaultPoint = (name: FaultPointName, action?: string) => void

export const noFault: FaultPoint = () => undefined

/** The fault points at which a process is killed and stopped. An empty text counts as none. */
export type FaultSettings = { KILL_AT?: string | undefined; STOP_AT?: string | undefined }
