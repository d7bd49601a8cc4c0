import type { Logger } from 'pino'

export type FailureLog = ReturnType<typeof failureLog>

/** Logs what is tried again and again and fails: one warning when failures begin, and none until it has succeeded again. */
export function failureLog(log: Logger, message: string) {
  let isFailing = false
  return {
    failed(error: unknown) {
      if (!isFailing) log.warn({ err: error }, message)
      isFailing = true
    },
    succeeded() {
      isFailing = false
    }
  }
}
