import { rmSync, watch } from 'node:fs'
import { join } from 'node:path'
import { readOptionalFile } from '../files/optional-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import type { Stack } from '../services/stack.ts'

const FILE = 'asked-services.json'

const fileOf = (stack: Stack) => join(stack.folder, FILE)

/** Reads the names of the services that the user chose for a stack. Undefined if the user chose no names, so that all services run. */
export function askedServices(stack: Stack): string[] | undefined {
  const text = readOptionalFile(fileOf(stack))
  return text === undefined ? undefined : JSON.parse(text)
}

/** Writes the names for the runner; undefined for all services. A running runner applies the change. */
export function askServices(stack: Stack, names: string[] | undefined) {
  if (names) replaceFile(fileOf(stack), JSON.stringify(names))
  else rmSync(fileOf(stack), { force: true })
}

/** Calls `changed` when the chosen names change, until `signal` aborts. */
export function watchAskedServices(stack: Stack, signal: AbortSignal, changed: () => void) {
  watch(stack.folder, { signal }, (_event, file) => file === FILE && changed())
}
