export { type Contract, contractFiles, contractOf, sharedFile } from './contract.ts'
export { type CursorScope, decodeCursor, encodeCursor, type SortValue } from './cursor.ts'
export { etagOf, expectedVersion, notModified, preconditionFailed } from './etag.ts'
export {
  type CloudEvent,
  cloudEvent,
  defineEvent,
  type EventType,
  newTrace,
  type PendingEvent,
  pendingEvent,
  streamsOf,
  type Trace,
  toCloudEvent
} from './events.ts'
export { checkSameRequest, keyReused, type MadeBy, madeEarlier, type RequestKey, requestKeyOf } from './idempotency.ts'
export { idList, type Page, page, pageFrom, paging } from './lists.ts'
export { type AnswerOf, defineNeed, type InputOf, type Need, type Needs, needs, optionalNeeds } from './needs.ts'
export { openApi } from './openapi.ts'
export {
  type Answers,
  type Audience,
  BODY_LIMIT,
  isCreation,
  type Operation,
  operation,
  type Upload
} from './operation.ts'
