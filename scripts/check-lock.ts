import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

// Fails if package-lock.json would make `npm ci` fail, here or on another platform: a package that another one names is missing (also an
// optional one of another platform), or it differs from the package.json of a workspace. Also fails if it contains the address of a
// registry.
type Manifest = {
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
  engines?: Record<string, string>
}
type Locked = Manifest & { link?: boolean; resolved?: string }

const MODULES = 'node_modules/'
const COMPARED = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'engines'] as const

const { root } = parseArgs({ options: { root: { type: 'string', default: join(import.meta.dirname, '..') } } }).values
const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'))
const { packages } = read('package-lock.json') as { packages: Record<string, Locked> }
const wrong = Object.entries(packages).flatMap(([place, locked]) => [
  ...missingOf(place, locked),
  ...(isWorkspace(place) ? differencesOf(place, locked) : []),
  ...(isFromRegistry(locked) ? [`${place} has the address of a registry: ${locked.resolved}`] : [])
])
if (wrong.length > 0) {
  console.error(
    `${wrong.join('\n')}\npackage-lock.json must change. If a package is missing, delete the entries of those that need it. Then run: npm install --package-lock-only`
  )
  process.exit(1)
}

function missingOf(
  place: string,
  { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }: Locked
) {
  const peers = Object.keys(peerDependencies ?? {}).filter(name => !peerDependenciesMeta?.[name]?.optional)
  const names = [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]
  return names
    .filter(name => !isFound(place, name))
    .map(name => `${place} needs ${name}, which is not in the lock file`)
}

/** True if Node finds a package when it searches from another package's folder upwards. */
function isFound(place: string, name: string): boolean {
  for (let folder = place; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf(`/${MODULES}`)))) {
    if (`${folder}${folder && '/'}${MODULES}${name}` in packages) return true
    if (folder === '') return false
  }
}

function isWorkspace(place: string): boolean {
  return !place.includes(MODULES)
}

function differencesOf(place: string, locked: Locked): string[] {
  const manifest: Manifest = read(join(place, 'package.json'))
  return COMPARED.filter(field => sorted(manifest[field]) !== sorted(locked[field])).map(
    field => `${join(place, 'package.json')} has other ${field} than the lock file`
  )
}

function sorted(entries: Record<string, string> = {}): string {
  return JSON.stringify(Object.entries(entries).sort())
}

function isFromRegistry({ resolved = '' }: Locked): boolean {
  return resolved.includes('://')
}
