import { globSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Failure } from '../../failure.ts'
import type { Stack } from '../../services/stack.ts'

/** The file that exists while a service's records are being restored, and stays if that fails. */
export const unfinishedFile = (stack: Stack, service: string) => join(stack.folder, 'stores', `${service}.restoring`)

/** Notes that the restore of a service has begun. Remove the file when it has finished. */
export function markUnfinished(stack: Stack, service: string) {
  const file = unfinishedFile(stack, service)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, '')
}

/** Fails if the restore of a service began and did not finish, because its store has only a part of its records. */
export function requireFinishedRestores(stack: Stack) {
  const names = globSync('*.restoring', { cwd: join(stack.folder, 'stores') }).map(file => basename(file, '.restoring'))
  if (names.length === 0) return
  throw new Failure(
    `the restore of ${names.join(', ')} did not finish, so records are missing`,
    `Run it again: bulkhead restore ${names.join(' ')}`
  )
}
