export { type Contract, contractFiles, contractOf, sharedComponentsFile } from './contract.ts'
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
export {
  checkSameRequest,
  earlierResult,
  keyReused,
  type MadeBy,
  type RequestKey,
  requestKeyOf
} from './idempotency.ts'
export { idList, type Page, pageQuery, pageSchema, toPage } from './lists.ts'
export { type AnswerOf, defineNeed, type InputOf, type Need, type Needs, needs, optionalNeeds } from './needs.ts'
export { OBJECTIVE_SECONDS, type Objective, type ServiceObjectives } from './objectives.ts'
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
