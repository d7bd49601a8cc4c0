import { table } from '../output/table.ts'
import type { Command } from './command.ts'

/** The usage of a command without its options, to keep the list narrow. */
const callOf = ({ usage }: Command) => usage.replace(/ \[?--.*/, '')

/** The help text of all commands, one line each. */
export const overview = (commands: Command[]) => `\
bulkhead: run, inspect and extend the stack on one machine

${indent(table(commands.map(command => [`bulkhead ${callOf(command)}`, command.summary])))}

  bulkhead COMMAND --help   what a command does, with examples
  --root FOLDER             use another repository than the one of this command
  PORT_BASE                 the first port of the stack (default: 4000)
`

/** The help text of one command. */
export const helpFor = ({ usage, summary, details, examples }: Command) => `\
bulkhead ${usage}
  ${summary}
${details ? `\n${indent(details)}\n` : ''}
Examples
${indent(table(examples.map(([line, purpose]) => [line, purpose])))}
`

const indent = (text: string) => text.replace(/^(?=.)/gm, '  ')
