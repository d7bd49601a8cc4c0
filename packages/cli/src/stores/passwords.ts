import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { readOptionalFile } from '../files/optional-file.ts'

/** Returns a new random password of 48 hexadecimal digits, which need no escaping in a URL. */
export const newPassword = () => randomBytes(24).toString('hex')

/**
 * Reads the passwords of these names from a JSON file that only its owner can read. Creates missing passwords with `make`, and adds them to
 * the file. Existing passwords stay unchanged.
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
