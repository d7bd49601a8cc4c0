import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventLogRules } from '@bulkhead/chassis/events'
import type { RedisServer } from './redis-server.ts'
import type { Stack } from './stack.ts'

/** The one user of the event log that may do everything; the command uses it, no service does. */
export const EVENT_LOG_ADMIN = 'bulkhead'

/**
 * Nobody gets in as the default user. It may do everything all the same: Redis replays its append-only file as that user, and would
 * leave out each transaction with a command that the user may not give (github.com/redis/redis/issues/14541).
 */
const DEFAULT_USER = 'user default off resetpass ~* &* +@all'

/** The event log's users, one a line, as redis-server's `aclfile` wants them (redis.io/docs, ACL). Nobody gets in without a password. */
export function eventLogUsers(passwords: Record<string, string>): string {
  const lines = Object.entries(passwords).map(([user, password]) => {
    const rules = user === EVENT_LOG_ADMIN ? ['~*', '&*', '+@all'] : eventLogRules(user)
    return ['user', user, 'on', `>${password}`, ...rules].join(' ')
  })
  return [DEFAULT_USER, ...lines, ''].join('\n')
}

/** The event log's server, with a user and a password for each service; passwords are made once and kept. */
export function eventLogServer(stack: Stack): RedisServer {
  const folder = join(stack.folder, 'stores/event-log')
  const file = join(stack.folder, 'stores/event-log.users')
  const passwords = eventLogPasswords(stack)
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, eventLogUsers(passwords), { mode: 0o600 })
  const users = { file, name: EVENT_LOG_ADMIN, password: passwords[EVENT_LOG_ADMIN]! }
  return { name: 'event-log', port: stack.eventLogPort, folder, durable: true, users }
}

/** `redis://user:password@127.0.0.1:port` for a service, or for EVENT_LOG_ADMIN. */
export const eventLogUrl = (stack: Stack, user: string) =>
  `redis://${user}:${eventLogPasswords(stack)[user]}@127.0.0.1:${stack.eventLogPort}`

function eventLogPasswords(stack: Stack): Record<string, string> {
  const file = join(stack.folder, 'keys/event-log.json')
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {}
  const users = [EVENT_LOG_ADMIN, ...stack.services.map(({ name }) => name)]
  const missing = users.filter(user => !known[user])
  const passwords = { ...known, ...Object.fromEntries(missing.map(user => [user, randomBytes(24).toString('hex')])) }
  if (missing.length > 0) {
    mkdirSync(join(stack.folder, 'keys'), { recursive: true })
    writeFileSync(file, JSON.stringify(passwords, undefined, 2), { mode: 0o600 })
  }
  return passwords
}
