import { createHash } from 'node:crypto'
import { globSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readOptionalFile } from '../files/optional-file.ts'
import { replaceFile } from '../files/replace-file.ts'

/** Stores the digest of a service's files as the generator made them. */
export const rememberMade = (root: string, name: string) => replaceFile(noteOf(root, name), digestOf(root, name))

/** True if a service's files are still as the generator made them, so that removing the service loses no work. */
export const isAsMade = (root: string, name: string) => readOptionalFile(noteOf(root, name)) === digestOf(root, name)

export const forgetMade = (root: string, name: string) => rmSync(noteOf(root, name), { force: true })

const noteOf = (root: string, name: string) => join(root, '.data/made', name)

function digestOf(root: string, name: string): string {
  const hash = createHash('sha256')
  for (const file of globSync(`{services,charts}/${name}/**/*.*`, { cwd: root }).sort()) {
    hash.update(`${file}\n`).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}
