import { unwatchFile, watchFile } from 'node:fs'
import { join } from 'node:path'
import { readOptionalFile } from '../files/optional-file.ts'
import { replaceFile } from '../files/replace-file.ts'
import type { Stack } from '../services/stack.ts'

/** How long to wait between two checks of the file (ms). */
const PAUSE = 500

const fileOf = (stack: Stack) => join(stack.folder, 'asked-services.json')

/** Reads the names of the services that the user chose for a stack. Undefined if the user chose no names, so that all services run. */
export function askedServices(stack: Stack): string[] | undefined {
  const text = readOptionalFile(fileOf(stack))
  return text === undefined ? undefined : (JSON.parse(text) ?? undefined)
}

/** Writes the names for the runner; undefined for all services. A running runner applies the change. */
export function askServices(stack: Stack, names: string[] | undefined) {
  replaceFile(fileOf(stack), JSON.stringify(names ?? null))
}

/** Calls `changed` when the chosen names change, until `signal` aborts. It polls, because the number of the system's watches is limited. */
export function watchAskedServices(stack: Stack, signal: AbortSignal, changed: () => void) {
  watchFile(fileOf(stack), { interval: PAUSE }, changed)
  signal.addEventListener('abort', () => unwatchFile(fileOf(stack), changed), { once: true })
}
