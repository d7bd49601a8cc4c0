import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a file in one step, and makes its folder: a reader never sees half of it. */
export function replaceFile(file: string, contents: string | Uint8Array, mode = 0o666) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, contents, { mode })
  renameSync(`${file}.new`, file)
}
