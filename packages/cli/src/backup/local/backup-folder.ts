import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import type { Stack } from '../../services/stack.ts'
import { newPassword } from '../../stores/passwords.ts'
import type { Access } from '../repository/restic.ts'

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
    passwordFile: environment.RESTIC_PASSWORD_FILE || passwordFile(stack),
    environment,
    signal
  }
}

function passwordFile(stack: Stack): string {
  const file = join(backupFolder(stack), 'password')
  if (existsSync(file)) return file
  mkdirSync(backupFolder(stack), { recursive: true, mode: 0o700 })
  writeFileSync(file, `${newPassword()}\n`, { mode: 0o600, flag: 'wx' })
  return file
}
