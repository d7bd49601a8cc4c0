import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { Failure } from '../../failure.ts'
import type { Stack } from '../../services/stack.ts'
import { newPassword } from '../../stores/passwords.ts'
import { type Access, PASSWORD_CURE } from '../repository/restic.ts'

/** The folder of a stack with its backups and their password. `bulkhead reset` keeps it. */
const backupFolder = (stack: Stack) => join(stack.folder, 'backups')

/**
 * Returns the access to a stack's repositories: a folder, or an address such as `s3:https://host/bucket`. By default they are in the stack's
 * folder. Their password is created once, in a file that only this user can read. RESTIC_PASSWORD_FILE names another file.
 */
export function repositoryAccess(
  stack: Stack,
  repository: string | undefined,
  environment: NodeJS.ProcessEnv,
  signal?: AbortSignal
): Access {
  const given = repository ?? environment.BACKUP_REPOSITORY
  const location = given || join(backupFolder(stack), 'repository')
  const isAddress = /^[a-z0-9]+:/i.test(location) || isAbsolute(location)
  return {
    location: isAddress ? location : resolve(location),
    passwordFile: environment.RESTIC_PASSWORD_FILE || passwordFile(stack, location),
    environment,
    signal
  }
}

function passwordFile(stack: Stack, location: string): string {
  const file = join(backupFolder(stack), 'password')
  if (existsSync(file)) return file
  if (existsSync(location) && readdirSync(location).length > 0)
    throw new Failure(`${location} has backups, and the file with their password is missing: ${file}`, PASSWORD_CURE)
  mkdirSync(backupFolder(stack), { recursive: true, mode: 0o700 })
  writeFileSync(file, `${newPassword()}\n`, { mode: 0o600, flag: 'wx' })
  return file
}
