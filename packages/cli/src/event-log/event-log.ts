import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventLogRules } from '@bulkhead/chassis/events'
import type { Stack } from '../services/stack.ts'
import { newPassword, storedPasswords } from '../stores/passwords.ts'
import type { RedisServer } from '../stores/redis-server.ts'

/** The administrator of the event log. Only the command uses it. */
export const EVENT_LOG_ADMIN = 'bulkhead'

/**
 * Nobody can log in as the default user. It must have all permissions, because Redis replays its append-only file as that user and skips
 * transactions with commands that the user must not run (github.com/redis/redis/issues/14541).
 */
const DEFAULT_USER = 'user default off resetpass ~* &* +@all'

/** Returns the event log's users, one per line, as redis-server's `aclfile` (redis.io/docs, ACL). All of them need a password. */
export function eventLogUsers(passwords: Record<string, string>): string {
  const lines = Object.entries(passwords).map(([user, password]) =>
    ['user', user, ...rulesOf(user, password)].join(' ')
  )
  return [DEFAULT_USER, ...lines, ''].join('\n')
}

/** Returns the rules with which `ACL SETUSER` creates a service's user. */
export const eventLogUserRules = (stack: Stack, service: string): string[] =>
  rulesOf(service, eventLogPasswords(stack)[service]!)

function rulesOf(user: string, password: string): string[] {
  const rules = user === EVENT_LOG_ADMIN ? ['~*', '&*', '+@all'] : eventLogRules(user)
  return ['on', `>${password}`, ...rules]
}

/** Describes the event log's server, with a user for each service. Creates each user's password once, and keeps it in a file. */
export function eventLogServer(stack: Stack): RedisServer {
  const folder = join(stack.folder, 'stores/event-log')
  const file = join(stack.folder, 'stores/event-log.users')
  const passwords = eventLogPasswords(stack)
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, eventLogUsers(passwords), { mode: 0o600 })
  const users = { file, name: EVENT_LOG_ADMIN, password: passwords[EVENT_LOG_ADMIN]! }
  return { name: 'event-log', port: stack.eventLogPort, folder, durable: true, users }
}

/** Returns `redis://user:password@127.0.0.1:port` for a service, or for EVENT_LOG_ADMIN. */
export const eventLogUrl = (stack: Stack, user: string) =>
  `redis://${user}:${eventLogPasswords(stack)[user]}@127.0.0.1:${stack.eventLogPort}`

function eventLogPasswords(stack: Stack): Record<string, string> {
  const users = [EVENT_LOG_ADMIN, ...stack.services.map(({ name }) => name)]
  return storedPasswords(join(stack.folder, 'keys/event-log.json'), users, newPassword)
}
