import { join, resolve } from 'node:path'
import manifest from '../package.json' with { type: 'json' }
import { deployCommand } from './commands/deploy.ts'
import { downCommand } from './commands/down.ts'
import { eventsDeadCommand, eventsLagCommand, eventsReplayCommand } from './commands/events.ts'
import { eventsForgetCommand } from './commands/events-forget.ts'
import { importCommand } from './commands/import.ts'
import { newServiceCommand } from './commands/new-service.ts'
import { resetCommand } from './commands/reset.ts'
import { secretsCommand } from './commands/secrets.ts'
import { smokeCommand } from './commands/smoke.ts'
import { statusCommand } from './commands/status.ts'
import { undeployCommand } from './commands/undeploy.ts'
import { upCommand } from './commands/up.ts'
import { Failure } from './failure.ts'
import { helpFor, nameOf, overview } from './help.ts'
import { nearestName } from './nearest-name.ts'
import { parseCall } from './parse-call.ts'
import { parsePortBase, readStack } from './stack.ts'

const COMMANDS = [
  ...[upCommand, downCommand, statusCommand, smokeCommand, resetCommand],
  ...[importCommand, newServiceCommand],
  ...[deployCommand, undeployCommand, secretsCommand],
  ...[eventsLagCommand, eventsDeadCommand, eventsReplayCommand, eventsForgetCommand]
]
const WRONG_USE = 2

/** Runs the command that the arguments name. Resolves with the exit code: 0, 1 for what failed, 2 for a call that makes no sense. */
async function main(given: string[]): Promise<number> {
  const words = inOrder(given)
  const command = COMMANDS.find(candidate => `${words.join(' ')} `.startsWith(`${nameOf(candidate)} `))
  if (!command) return withoutCommand(words)
  const name = nameOf(command)
  const call = parseCall(command, words.slice(name.split(' ').length))
  if (typeof call === 'string') {
    return wrongUse(` ${name}: ${call}\nUsage: bulkhead ${command.usage}\nMore: bulkhead ${name} --help`)
  }
  const { values, positionals } = call
  if (values.help) return answer(helpFor(command))
  const root = resolve(String(values.root ?? join(import.meta.dirname, '../../..')))
  const stack = readStack(root, parsePortBase(process.env.PORT_BASE))
  return command.run({ stack, words: positionals, options: values, environment: process.env })
}

/** The command first: `--root FOLDER` may stand before it, and `help COMMAND` is `COMMAND --help`. */
function inOrder(words: string[]): string[] {
  if (words[0] === 'help') return [...words.slice(1), '--help']
  const count = words[0] === '--root' ? 2 : Number(words[0]?.startsWith('--root='))
  return [...words.slice(count), ...words.slice(0, count)]
}

/** Lists all commands, or those of a group such as `events`. */
function withoutCommand(words: string[]): number {
  if (words[0] === '--version') return answer(`bulkhead ${manifest.version}`)
  const asked = words.filter(word => word !== '--help' && word !== '-h')
  const group = COMMANDS.filter(command => nameOf(command).startsWith(`${asked[0]} `))
  const list = overview(group.length > 0 ? group : COMMANDS)
  if (asked.length === 0 || (asked.length === 1 && group.length > 0)) return answer(list)
  const nearest = nearestName(asked, COMMANDS.map(nameOf))
  const problem = `: there is no command "${asked.join(' ')}"`
  return wrongUse(nearest ? `${problem}. Did you mean \`bulkhead ${nearest}\`?` : `${problem}\n\n${list}`)
}

function answer(text: string): number {
  console.log(text)
  return 0
}

function wrongUse(text: string): number {
  console.error(`bulkhead${text}`)
  return WRONG_USE
}

// a terminal or a pipe that is closed must not end the runner, which has processes to stop
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

try {
  process.exit(await main(process.argv.slice(2)))
} catch (error) {
  console.error(error instanceof Failure ? `bulkhead: ${error.message}` : error)
  process.exit(1)
}
