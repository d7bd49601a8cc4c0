import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../files/replace-file.ts'

type Packages = Record<string, Record<string, unknown>>

/** npm's list of the packages that the repository needs, and its list of the installed packages. */
const LOCK_FILES = ['package-lock.json', 'node_modules/.package-lock.json']
/** The fields of a workspace's package.json that a lock file repeats. */
const REPEATED = ['name', 'version', 'license', 'dependencies', 'engines']

/** Installs a new service as a workspace like `npm install`, but without the network, because its dependencies are already installed. */
export function installWorkspace(root: string, name: string) {
  const manifest = JSON.parse(readFileSync(join(root, placeOf(name), 'package.json'), 'utf8'))
  const entry = Object.fromEntries(REPEATED.map(field => [field, manifest[field]]))
  changeLocks(root, packages => {
    packages[placeOf(name)] = entry
    packages[linkOf(name)] = { resolved: placeOf(name), link: true }
  })
  rmSync(join(root, linkOf(name)), { force: true })
  symlinkSync(join('../..', placeOf(name)), join(root, linkOf(name)))
}

/** Undoes `installWorkspace`. */
export function uninstallWorkspace(root: string, name: string) {
  changeLocks(root, packages => {
    delete packages[placeOf(name)]
    delete packages[linkOf(name)]
  })
  rmSync(join(root, linkOf(name)), { force: true })
}

const placeOf = (name: string) => `services/${name}`
const linkOf = (name: string) => `node_modules/@bulkhead/${name}`

function changeLocks(root: string, change: (packages: Packages) => void) {
  for (const file of LOCK_FILES.map(name => join(root, name)).filter(path => existsSync(path))) {
    const lock: { packages: Packages } = JSON.parse(readFileSync(file, 'utf8'))
    change(lock.packages)
    const sorted = Object.entries(lock.packages).sort(([one], [other]) => one.localeCompare(other, 'en'))
    replaceFile(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, undefined, 2)}\n`)
  }
}
