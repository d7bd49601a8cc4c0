import { rmSync, watch } from 'node:fs'
import { join } from 'node:path'
import { readOptionalFile } from '../files/optional-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import type { Stack } from '../services/stack.ts'

const FILE = 'asked-services.json'

const fileOf = (stack: Stack) => join(stack.folder, FILE)

/** The names of the services that a stack was asked to run. Undefined if it was asked to run all. */
export function askedServices(stack: Stack): string[] | undefined {
  const text = readOptionalFile(fileOf(stack))
  return text === undefined ? undefined : JSON.parse(text)
}

/** Keeps the names for the runner; undefined for all services. A runner that works takes up the change. */
export function askServices(stack: Stack, names: string[] | undefined) {
  if (names) replaceFile(fileOf(stack), JSON.stringify(names))
  else rmSync(fileOf(stack), { force: true })
}

/** Calls `changed` when other services are asked, until aborted. */
export function watchAskedServices(stack: Stack, signal: AbortSignal, changed: () => void) {
  watch(stack.folder, { signal }, (_event, file) => file === FILE && changed())
}
