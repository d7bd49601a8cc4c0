import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { readOptionalFile } from '../files/optional-file.ts'

/** A new random password: 48 hexadecimal digits, which a URL can hold as they are. */
export const newPassword = () => randomBytes(24).toString('hex')

/**
 * Reads the passwords of these names from a JSON file that only its owner can read. Makes the missing ones with `make`, and adds them to the
 * file. Names that are in the file already keep their passwords.
 */
export function storedPasswords<T>(file: string, names: string[], make: () => T): Record<string, T> {
  const stored = JSON.parse(readOptionalFile(file) ?? '{}') as Record<string, T>
  const missing = names.filter(name => stored[name] === undefined)
  if (missing.length === 0) return stored
  for (const name of missing) stored[name] = make()
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(stored, undefined, 2), { mode: 0o600 })
  return stored
}
