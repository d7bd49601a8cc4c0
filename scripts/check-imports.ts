import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'

// Fails if a service, a template of a service or the chassis imports code of another part. A service may import only the chassis, and its
// tests also packages/testing.
const { root } = parseArgs({ options: { root: { type: 'string', default: join(import.meta.dirname, '..') } } }).values
const parts = globSync(['services/*', 'packages/cli/templates/*', 'packages/chassis'], { cwd: root })
const wrong = parts.flatMap(wrongImports).sort()
if (wrong.length > 0) {
  console.error(
    `${wrong.join('\n')}\nimported from another part. Call the service over HTTP, or move what is shared to packages/chassis`
  )
  process.exitCode = 1
}

/** The folders of the chassis, each with the folders that it may import. They contain no import cycles. */
const CHASSIS_FOLDERS: Record<string, string[]> = {
  core: [],
  // Its bundle is a file of its own, so it may import only types.
  tracing: ['core'],
  contract: ['core'],
  auth: ['core'],
  redis: ['core'],
  http: ['core', 'contract', 'auth'],
  client: ['core', 'contract', 'auth'],
  events: ['core', 'contract', 'redis'],
  mongo: ['core', 'contract', 'events'],
  service: ['core', 'contract', 'auth', 'redis', 'http', 'client', 'events', 'mongo', 'tracing']
}
const CHASSIS = 'packages/chassis/src'
const upwards = globSync(`${CHASSIS}/**/*.ts`, { cwd: root }).flatMap(upwardImports).sort()
if (upwards.length > 0) {
  console.error(
    `${upwards.join('\n')}\nA folder of the chassis may import only the index.ts of the folders that scripts/check-imports.ts lists for it`
  )
  process.exitCode = 1
}

/** Finds imports between folders of the chassis that are not allowed, each as `file: import`. */
function upwardImports(file: string): string[] {
  const [folder = ''] = relative(CHASSIS, file).split('/')
  const allowed = CHASSIS_FOLDERS[folder]
  if (!allowed) return [`${file}: no folder of the chassis is named ${folder}`]
  return importsOf(file)
    .filter(name => name.startsWith('../') && !allowed.some(other => name === `../${other}/index.ts`))
    .map(name => `${file}: ${name}`)
}

/** Finds imports of code outside a part, each as `file: import`. */
function wrongImports(part: string): string[] {
  return globSync(`${part}/{src,test}/**/*.ts`, { cwd: root }).flatMap(file =>
    importsOf(file)
      .filter(name => !isAllowed(part, file, name))
      .map(name => `${file}: ${name}`)
  )
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name!)
}

function isAllowed(part: string, file: string, name: string): boolean {
  if (name.startsWith('.')) return join(dirname(file), name).startsWith(`${part}/`)
  if (name.startsWith('@bulkhead/testing/')) return file.startsWith(`${part}/test/`)
  return !name.startsWith('@bulkhead/') || name.startsWith('@bulkhead/chassis/')
}
