/** What the command cannot do and what the reader can do about it. Anything else that is thrown is a defect and shows its stack. */
export class Failure extends Error {
  override readonly name = 'Failure'

  /** `problem` is the cause in one line; `cure` the next step, a command where there is one. The message holds both. */
  constructor(problem: string, cure?: string, options?: ErrorOptions) {
    super(cure ? `${problem}. ${cure}` : problem, options)
  }
}

/** Why a request got no answer: `fetch` says so in the cause of its error. */
export const reasonOf = (error: Error): string => (error.cause as Error | undefined)?.message ?? error.message
