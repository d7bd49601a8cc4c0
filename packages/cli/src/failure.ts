/** A problem that the user can fix. Any other error is a defect and is shown with its stack. */
export class Failure extends Error {
  override readonly name = 'Failure'

  /** `problem` is the cause in one line, `cure` the next step, if possible a command. The message has both. */
  constructor(problem: string, cure?: string, options?: ErrorOptions) {
    super(cure ? `${problem}. ${cure}` : problem, options)
  }
}

/** Returns the reason of a failed `fetch`, which is in the cause of its error. */
export const reasonOf = (error: Error): string => (error.cause as Error | undefined)?.message ?? error.message
