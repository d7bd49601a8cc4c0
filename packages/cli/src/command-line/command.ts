import type { ParseArgsConfig } from 'node:util'
import type { Stack } from '../services/stack.ts'

/** The call of a command: its options by name, its positional arguments (`words`), and its stack. */
export type Call = {
  options: Record<string, string | boolean | string[] | undefined>
  words: string[]
  stack: Stack
  environment: NodeJS.ProcessEnv
}

/** One command of `bulkhead`. */
export type Command = {
  /** The usage without `bulkhead`, such as `import products FILE`. The lower-case words at its start are the command's name. */
  usage: string
  /** One line. */
  summary: string
  /** Explains the options and the effects. */
  details?: string
  /** Complete command lines, each with its purpose. */
  examples: [line: string, purpose: string][]
  options?: NonNullable<ParseArgsConfig['options']>
  /** The values of text options that are given without one, by name. */
  valuesWhenOmitted?: Record<string, string>
  /** Runs the command. Resolves with the exit code. Rejects with a `Failure` for a problem that the user can fix. */
  run: (call: Call) => Promise<number>
}
