import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Replaces a file at once, so that no reader sees half of it. Creates its folder if needed. */
export function replaceFile(file: string, contents: string | Uint8Array, mode = 0o666) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, contents, { mode })
  renameSync(`${file}.new`, file)
}
