import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Command } from './command.ts'
import { downCommand } from './commands/down.ts'
import { eventsDeadCommand, eventsLagCommand, eventsReplayCommand } from './commands/events.ts'
import { eventsForgetCommand } from './commands/events-forget.ts'
import { importCommand } from './commands/import.ts'
import { newServiceCommand } from './commands/new-service.ts'
import { resetCommand } from './commands/reset.ts'
import { smokeCommand } from './commands/smoke.ts'
import { statusCommand } from './commands/status.ts'
import { upCommand } from './commands/up.ts'
import { Failure } from './failure.ts'
import { helpFor, nameOf, overview } from './help.ts'
import { parsePortBase, readStack } from './stack.ts'

const COMMANDS = [
  ...[upCommand, downCommand, statusCommand, smokeCommand, resetCommand],
  ...[importCommand, newServiceCommand],
  ...[eventsLagCommand, eventsDeadCommand, eventsReplayCommand, eventsForgetCommand]
]
const WRONG_USE = 2

/** Runs the command that the arguments name. Resolves with the exit code: 0, 1 for what failed, 2 for a call that makes no sense. */
async function main(words: string[]): Promise<number> {
  const command = COMMANDS.find(candidate => `${words.join(' ')} `.startsWith(`${nameOf(candidate)} `))
  if (!command) return withoutCommand(words)
  const call = parse(command, words.slice(nameOf(command).split(' ').length))
  if (typeof call === 'string') {
    console.error(`bulkhead ${nameOf(command)}: ${call}\n\n${helpFor(command)}`)
    return WRONG_USE
  }
  const { values, positionals } = call
  if (values.help) {
    console.log(helpFor(command))
    return 0
  }
  const root = values.root ?? join(import.meta.dirname, '../../..')
  const stack = readStack(String(root), parsePortBase(process.env.PORT_BASE))
  return command.run({ stack, words: positionals, options: values, environment: process.env })
}

function withoutCommand(words: string[]): number {
  const asked = words.length === 0 || words.some(word => ['help', '--help', '-h'].includes(word))
  if (asked) console.log(overview(COMMANDS))
  else console.error(`bulkhead: there is no command "${words.join(' ')}"\n\n${overview(COMMANDS)}`)
  return asked ? 0 : WRONG_USE
}

function parse(command: Command, args: string[]) {
  try {
    return parseArgs({
      args,
      options: { ...command.options, help: { type: 'boolean', short: 'h' }, root: { type: 'string' } },
      allowPositionals: /[A-Z]/.test(command.usage)
    })
  } catch (error) {
    return (error as Error).message
  }
}

// a terminal or a pipe that is closed must not end the runner, which has processes to stop
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

try {
  process.exit(await main(process.argv.slice(2)))
} catch (error) {
  console.error(error instanceof Failure ? `bulkhead: ${error.message}` : error)
  process.exit(1)
}
