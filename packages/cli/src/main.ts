import { join, resolve } from 'node:path'
import manifest from '../package.json' with { type: 'json' }
import type { Command } from './command-line/command.ts'
import { helpFor, overview } from './command-line/help.ts'
import { nearestName } from './command-line/nearest-name.ts'
import { parseCall } from './command-line/parse-call.ts'
import { Failure } from './failure.ts'
import { parsePortBase, readStack } from './services/stack.ts'

/** Loads commands by name when they are called or listed, because some of their imports take half a second. */
const COMMANDS: Record<string, () => Promise<Command>> = {
  up: async () => (await import('./commands/up.ts')).upCommand,
  down: async () => (await import('./commands/down.ts')).downCommand,
  status: async () => (await import('./commands/status.ts')).statusCommand,
  logs: async () => (await import('./commands/logs.ts')).logsCommand,
  load: async () => (await import('./commands/load.ts')).loadCommand,
  observe: async () => (await import('./commands/observe.ts')).observeCommand,
  'log-level': async () => (await import('./commands/log-level.ts')).logLevelCommand,
  profile: async () => (await import('./commands/profile.ts')).profileCommand,
  smoke: async () => (await import('./commands/smoke.ts')).smokeCommand,
  trace: async () => (await import('./commands/trace.ts')).traceCommand,
  reset: async () => (await import('./commands/reset.ts')).resetCommand,
  'backup list': async () => (await import('./commands/backup.ts')).backupListCommand,
  'backup check': async () => (await import('./commands/backup.ts')).backupCheckCommand,
  backup: async () => (await import('./commands/backup.ts')).backupCommand,
  restore: async () => (await import('./commands/restore.ts')).restoreCommand,
  'import products': async () => (await import('./commands/import.ts')).importCommand,
  'new service': async () => (await import('./commands/new-service.ts')).newServiceCommand,
  'remove service': async () => (await import('./commands/remove-service.ts')).removeServiceCommand,
  deploy: async () => (await import('./commands/deploy.ts')).deployCommand,
  undeploy: async () => (await import('./commands/undeploy.ts')).undeployCommand,
  secrets: async () => (await import('./commands/secrets.ts')).secretsCommand,
  'events lag': async () => (await import('./commands/events.ts')).eventsLagCommand,
  'events dead': async () => (await import('./commands/events.ts')).eventsDeadCommand,
  'events replay': async () => (await import('./commands/events.ts')).eventsReplayCommand,
  'events discard': async () => (await import('./commands/events.ts')).eventsDiscardCommand,
  'events forget': async () => (await import('./commands/events-forget.ts')).eventsForgetCommand
}
/** The exit code of a wrong call. */
const WRONG_USE = 2

/** Runs the command that the arguments name. Resolves with the exit code: 0, 1 for a failure, 2 for a wrong call. */
async function main(args: string[]): Promise<number> {
  const words = commandFirst(args)
  const name = Object.keys(COMMANDS).find(candidate => `${words.join(' ')} `.startsWith(`${candidate} `))
  if (!name) return withoutCommand(words)
  const command = await COMMANDS[name]!()
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

/** Moves a leading `--root FOLDER` behind the command, and turns `help COMMAND` into `COMMAND --help`. */
function commandFirst(words: string[]): string[] {
  if (/^(help|--help|-h)$/.test(words[0] ?? '')) return [...words.slice(1), '--help']
  const count = words[0] === '--root' ? 2 : Number(words[0]?.startsWith('--root='))
  return [...words.slice(count), ...words.slice(0, count)]
}

/** Lists all commands, or those of a group such as `events`. */
async function withoutCommand(words: string[]): Promise<number> {
  if (words[0] === '--version') return answer(`bulkhead ${manifest.version}`)
  const commandWords = words.filter(word => word !== '--help' && word !== '-h')
  const names = Object.keys(COMMANDS)
  const group = names.filter(name => name.startsWith(`${commandWords[0]} `))
  const list = async () =>
    overview(await Promise.all((group.length > 0 ? group : names).map(name => COMMANDS[name]!())))
  if (commandWords.length === 0) return answer(await list())
  if (commandWords.length === 1 && group.length > 0) {
    if (commandWords.length < words.length) return answer(await list())
    return wrongUse(`: choose one of these\n\n${await list()}`)
  }
  const nearest = nearestName(commandWords, names)
  const problem = `: there is no command "${commandWords.join(' ')}"`
  return wrongUse(nearest ? `${problem}. Did you mean \`bulkhead ${nearest}\`?` : `${problem}\n\n${await list()}`)
}

function answer(text: string): number {
  console.log(text)
  return 0
}

function wrongUse(text: string): number {
  console.error(`bulkhead${text}`)
  return WRONG_USE
}

// A closed terminal or pipe must not end the runner, because it has processes to stop.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

try {
  process.exit(await main(process.argv.slice(2)))
} catch (error) {
  console.error(error instanceof Failure ? `bulkhead: ${error.message}` : error)
  process.exit(1)
}
