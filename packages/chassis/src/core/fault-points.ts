/** Where tests kill a process on purpose, each with what is true at that moment. The event tests kill at every one. */
export const faultPoints = {
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

/** Called by the code as it passes a fault point. In production it does nothing. `of` names the write or the call, where there are several. */
export type FaultPoint = (name: FaultPointName, of?: string) => void

export const noFault: FaultPoint = () => undefined

/** Where a process is to be killed, and where it is to be stopped. Empty is as good as absent. */
export type FaultSettings = { KILL_AT?: string | undefined; STOP_AT?: string | undefined }
