import type { ParseArgsConfig } from 'node:util'
import type { Stack } from './stack.ts'

/** What a command was called with: its options by name, the words that are no options, and the stack it is for. */
export type Call = {
  options: Record<string, string | boolean | string[] | undefined>
  words: string[]
  stack: Stack
  environment: NodeJS.ProcessEnv
}

/** One command of `bulkhead`. */
export type Command = {
  /** How it is written, without `bulkhead`, such as `import products FILE`. Its leading lower-case words are its name. */
  usage: string
  /** One line. */
  summary: string
  /** What is worth knowing beyond the line, such as what each option does. */
  details?: string
  /** Whole command lines, each with what it is for. */
  examples: [line: string, purpose: string][]
  options?: NonNullable<ParseArgsConfig['options']>
  /** Resolves with the exit code. Fails with a `Failure` for what the user can mend. */
  run: (call: Call) => Promise<number>
}
