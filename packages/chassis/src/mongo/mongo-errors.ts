import {
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerClosedError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
  type WriteError
} from 'mongodb'

/** Errors of the driver that mean that no server answers or no connection is free. */
const UNREACHABLE = [
  MongoNetworkError,
  MongoServerSelectionError,
  MongoOperationTimeoutError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoTopologyClosedError,
  MongoClientClosedError
]

/** More such errors, by name, because the driver does not export their classes. */
const UNREACHABLE_NAMES = new Set(['MongoWaitQueueTimeoutError', 'MongoPoolClosedError'])

/** Labels of errors after which the same operation may succeed (the driver specification's retryable reads and writes). */
const TEMPORARY_LABELS = ['RetryableWriteError', 'RetryableError', 'SystemOverloadedError', 'PoolRequestedRetry']

/** Error codes of a server that can't do the operation now, and may do it later (mongodb.com/docs, error codes). */
const TEMPORARY_CODES = new Set<unknown>([
  6, // HostUnreachable
  7, // HostNotFound
  43, // CursorNotFound: the server that had the cursor no longer runs
  50, // MaxTimeMSExpired
  64, // WriteConcernTimeout
  89, // NetworkTimeout
  91, // ShutdownInProgress
  100, // UnsatisfiableWriteConcern: too few servers are up
  112, // WriteConflict
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  189, // PrimarySteppedDown
  262, // ExceededTimeLimit
  9001, // SocketException
  10058, // LegacyNotPrimary
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
  14031 // OutOfDiskSpace
])

/**
 * Returns whether the same operation may succeed after this error: no server was reached, a new primary is being elected, the server shuts
 * down, or too few servers confirmed a write. It is unknown whether the write was made.
 */
export function isTemporary(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false
  if (UNREACHABLE.some(type => error instanceof type) || UNREACHABLE_NAMES.has(error.name)) return true
  if (error instanceof MongoBulkWriteError) return isTemporaryBatch(error)
  return error instanceof MongoWriteConcernError || isTemporaryReply(error)
}

function isTemporaryBatch(error: MongoBulkWriteError): boolean {
  // If the whole batch failed, the driver has the error as `errorResponse`.
  const isWhole = isTemporary(error.errorResponse) || isTemporaryReply(error)
  return isWhole || error.result.getWriteConcernError() !== undefined || writeErrorsOf(error).some(isTemporaryCode)
}

const isTemporaryReply = (error: MongoError) =>
  isTemporaryCode(error) || TEMPORARY_LABELS.some(label => error.hasErrorLabel(label))

const isTemporaryCode = ({ code }: { code?: unknown }) => TEMPORARY_CODES.has(code)

const writeErrorsOf = ({ writeErrors }: MongoBulkWriteError): WriteError[] => [writeErrors].flat()

/**
 * Returns the refused writes of an unordered batch; the server has made all others. Throws the error if it is unknown which writes were
 * made, because the error is not about single writes or a refusal is temporary.
 */
export function refusedWrites(error: unknown): WriteError[] {
  if (!(error instanceof MongoBulkWriteError) || isTemporary(error)) throw error
  const refused = writeErrorsOf(error)
  if (refused.length === 0) throw error
  return refused
}
