import type { Logger } from 'pino'

/** Logs the failures of a repeated task: one warning when failures begin, and none until the task has succeeded again. */
export type FailureLog = {
  failed(error: unknown): void
  succeeded(): void
}

/** Creates a failure log. `message` is the text of its warnings. */
export function failureLog(log: Logger, message: string): FailureLog {
  let isFailing = false
  return {
    failed(error) {
      if (!isFailing) log.warn({ err: error }, message)
      isFailing = true
    },
    succeeded() {
      isFailing = false
    }
  }
}
