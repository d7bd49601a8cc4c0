import type { Command } from './command.ts'
import { table } from './table.ts'

/** How a command is called, without its options: they would make the list too wide. */
const callOf = ({ usage }: Command) => usage.replace(/ \[?--.*/, '')

/** All commands, one line each. */
export const overview = (commands: Command[]) => `\
bulkhead: run, inspect and extend the stack on one machine

${indent(table(commands.map(command => [`bulkhead ${callOf(command)}`, command.summary])))}

  bulkhead COMMAND --help   what a command does, with examples
  --root FOLDER             the repository, when it is not the one this command belongs to
  PORT_BASE                 the first port of the stack, usually 4000
`

/** One command, with its examples. */
export const helpFor = ({ usage, summary, details, examples }: Command) => `\
bulkhead ${usage}
  ${summary}
${details ? `\n${indent(details)}\n` : ''}
Examples
${indent(table(examples.map(([line, purpose]) => [line, purpose])))}
`

const indent = (text: string) => text.replace(/^(?=.)/gm, '  ')
