import { createHash } from 'node:crypto'
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { readOptionalFile } from '../files/optional-file.ts'
import { replaceFile } from '../files/replace-file.ts'

/** Stores the digest of a service's files as the generator made them. */
export const rememberMade = (root: string, name: string) => replaceFile(noteOf(root, name), digestOf(root, name))

/** True if a service's files are still as the generator made them, so that removing the service loses no work. */
export const isAsMade = (root: string, name: string) => readOptionalFile(noteOf(root, name)) === digestOf(root, name)

export const forgetMade = (root: string, name: string) => rmSync(noteOf(root, name), { force: true })

const noteOf = (root: string, name: string) => join(root, '.data/made', name)

/** A digest of every file of a service and its chart, but for installed packages. */
function digestOf(root: string, name: string): string {
  const folders = ['charts', 'services'].map(folder => join(root, folder, name)).filter(folder => existsSync(folder))
  const files = folders
    .flatMap(folder => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile() || entry.isSymbolicLink())
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
    .filter(file => !file.split(sep).includes('node_modules'))
  const hash = createHash('sha256')
  for (const file of files.sort()) hash.update(`${file}\n`).update(contentsOf(join(root, file)))
  return hash.digest('hex')
}

const contentsOf = (file: string) => (lstatSync(file).isSymbolicLink() ? readlinkSync(file) : readFileSync(file))
